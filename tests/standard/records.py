"""People and things that exist nowhere, as complete records for each push interface."""

from datetime import UTC, date, datetime
from decimal import Decimal

CODE = "09c71a278c117fcb1077ab077cf71519"
PICTURE = bytes(range(256))
MORNING = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)  # 08:30 in Beijing
EVENING = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

LI = {
    "name": "李秀兰", "document_number": "120101199003071239", "document_type_code": "111", "phone": "13800001234",
    "sex_code": "2", "ethnicity_code": "01", "birth_date": date(1990, 3, 7), "is_elderly_living_alone": False,
    "resident_type_code": "2", "education_code": "21", "photo_base64": PICTURE, "remark": "一楼\n有门铃",
    "registration_code": CODE,
}  # fmt: skip
HOUSE = {
    "address_code": "120101001001000001", "owner_id_number": "120101199003071239", "owner_name": "李秀兰",
    "owner_phone": "13800001234", "address_name": "天津市和平区幸福里3号楼2门501", "house_type_code": "10",
    "house_nature_code": "2", "house_use_code": "11", "lease_status_code": "01", "is_group_rental": True,
    "room_count": 3, "floor_area": Decimal("89.50"), "registration_code": CODE,
}  # fmt: skip
TENANT = {
    "person_id": "r-1", "address_code": "120101001001000001", "resident_type_code": "1", "lease_start": MORNING,
    "lease_end": EVENING, "lease_contract_photo_base64": PICTURE, "registration_code": CODE,
}  # fmt: skip
CAR = {
    "plate_number": "津A12345", "plate_color_code": "2", "vehicle_brand_code": "1", "owner_name": "李秀兰",
    "owner_document_number": "120101199003071239", "owner_phone": "13800001234", "registration_code": CODE,
}  # fmt: skip
DOOR = {
    "device_code": "D-0001", "device_name": "3号楼2门门禁", "device_type_code": "4", "online_status_code": "1",
    "usage_status_code": "10", "is_networked_with_police": True, "built_at": MORNING, "longitude": "117.2",
    "registration_code": CODE,
}  # fmt: skip
PASSAGE = {
    "resident_type_code": "2", "door_open_method_code": "10", "door_open_status_code": "1", "person_id": "r-1",
    "entered_at": MORNING, "is_local_resident": True, "device_code": "D-0001", "registration_code": CODE,
}  # fmt: skip
DRIVE = {
    "plate_number": "津A12345", "device_code": "D-0002", "left_at": EVENING, "passage_result": False,
    "is_local_vehicle": True, "registration_code": CODE,
}  # fmt: skip
STRANGER = {
    "archive_no": "0123456789abcdef0123456789abcdef", "first_passage_at": MORNING, "archive_photo_1_base64": PICTURE,
    "recent_tracks": [{"track_id": "t-1", "device_code": "D-0001", "device_name": "东门", "entered_at": MORNING}],
    "passage_count_30d": "20", "registration_code": CODE,
}  # fmt: skip
USAGE = {
    "house_address": "120101001001000001", "electricity_usage": Decimal("120.5"), "gas_usage": Decimal("0"),
    "water_usage": Decimal("7"), "usage_month": "2026-02", "registration_code": CODE,
}  # fmt: skip

COMPLETE = {
    "B.2.2": LI,
    "B.2.3": PASSAGE,
    "B.3.2": HOUSE,
    "B.4.2": TENANT,
    "B.5.2": CAR,
    "B.5.3": DRIVE,
    "B.6.1": DOOR,
    "B.6.2": {"device_code": "D-0001", "registration_code": CODE},
    "B.6.3": {
        key: DOOR[key] for key in ("device_code", "online_status_code", "usage_status_code", "registration_code")
    },
    "B.8": STRANGER,
    "B.9": {
        "plate_number": "津A12345",
        "first_passage_at": MORNING,
        "passage_count_30d": "31",
        "registration_code": CODE,
    },
    "B.10": USAGE,
}
