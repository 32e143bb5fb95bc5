"""Values that exist nowhere else: wherever one of them turns up, something personal has leaked."""

from tests.cast import valid_id

PERSON = {
    "name": "鸾翡翠", "document_number": valid_id("19610203", 617), "phone": "18999017301", "former_name": "鸾珊瑚",
    "english_name": "Quillfeather Zzyzx", "registered_address": "翠屏胡同九十七号", "workplace": "琥珀钟表修理部",
}  # fmt: skip
CHANGED = {"phone": "18999017302", "workplace": "琥珀眼镜修理部"}
OWNER = {
    "owner_name": "岑琉璃", "owner_number": valid_id("19550607", 618), "owner_phone": "18999017303",
    "owner_address": "玛瑙大街八十八号",
}  # fmt: skip
DRIVER = {"owner_name": "牧珐琅", "owner_number": valid_id("19720809", 619), "owner_phone": "18999017304"}
COLLECTED = {"name": "申屠孔雀", "document_number": valid_id("19831011", 620), "phone": "18999017305"}
REFUSED = {"name": "鸾" * 60, "document_number": valid_id("19831112", 621)[:-1] + "Q", "phone": "18999017306"}
DEVICE = {"username": "canary-camera", "password": "canary-secret-7"}
UPPER_PASSWORD = "canary-upper-secret-8"
PICTURE_TEXT = b"canary-exif-comment-9"


def all_marks() -> list[str]:
    """Every value that must not be found in clear."""
    found = [
        value for group in (PERSON, CHANGED, OWNER, DRIVER, COLLECTED, REFUSED, DEVICE) for value in group.values()
    ]
    return [*found, UPPER_PASSWORD, PICTURE_TEXT.decode()]
