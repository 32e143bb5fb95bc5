"""The 18 interfaces of Appendix B, every field in printed order, one line a field.

Source: 智慧平安社区智能安防系统技术要求 (2023-01-19), Appendix B (informative), tables B.1 to B.71; each
interface names its own tables. The wire's pinyin lives here and nowhere else. A line reads: wire name,
English name, printed Chinese name, then what the table says of it. Spellings the printed examples use
instead are in `accept`, the one probably meant in `likely`. Two booleans are inverted: "0" says yes.
`max_length` is this program's own bound; the standard prints none.
"""

from standard.fields import (
    AREA,
    CODE,
    DAY,
    EXAMPLE,
    GUID,
    LABEL,
    LINES,
    MONTH,
    NAME,
    PICTURE,
    TENANT,
    TRACKS,
    USAGE,
    WHEN,
    WHOLE,
    YES,
    Batch,
    Interface,
    one_of,
)
from standard.fields import Field as F

# fmt: off

B_1_1 = Interface(
    "B.1.1", "用户登录验证", "User login authentication",
    "/openapi/login/auth", "auth", tables="表B.1–B.4",
    request=(
        F("mm", "password", "密码", required=YES),
        F("yhm", "username", "用户名", required=YES, max_length=100),
    ),
    response=(
        F("token", "token", "服务器生成token加密串", required=YES, max_length=4096, note="2小时后失效，需重新登录"),
        F("ptzcms", "registration_codes", "注册码", "List<Map>", required=YES, note="每次请求只能使用一个注册码", items=(
            F("ptzcm", "registration_code", "注册码", required=YES, max_length=100, in_table=False),
            F("xqmc", "community_name", "小区名称", required=YES, in_table=False),
        )),
    ),
)

B_2_1 = Interface(
    "B.2.1", "分页获取人员信息", "Get person information by page",
    "/openapi/person/getPersonByPage", "pull", tables="表B.5–B.9",
    request=(
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1, note="大于0"),
        F("myjls", "page_size", "每页数据记录数", "Integer", required=YES, minimum=1, note="建议400以下"),
        F("kssj", "start_time", "开始时间", "DateTime"),
        F("jssj", "end_time", "结束时间", "DateTime"),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("jlzs", "total_records", "查询数据记录总数", "Integer", required=YES),
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1),
        F("myjls", "page_size", "每页记录总数", "Integer", required=YES, minimum=1),
        F("list", "items", "对象列表", "List<Map>"),
    ),
    items=(
        F("id", "person_id", "静态人员id", required=YES, max_length=100),
        F("xm", "name", "姓名", required=YES, format=NAME, max_length=50),
        F("zjhm", "document_number", "证件号码", required=YES, masked=YES, max_length=50),
        F("zjlxdm", "document_type_code", "证件类型代码", table="GA/T 2000.156", role=CODE),
        F("zjlxmc", "document_type_name", "证件类型名称", table="GA/T 2000.156", role=LABEL),
        F("xbmc", "sex_name", "性别名称", table="GB/T 2261.1", role=LABEL),
        F("xbdm", "sex_code", "性别代码", table="GB/T 2261.1", role=CODE),
        F("mzdm", "ethnicity_code", "民族代码", table="GB/T 3304", role=CODE),
        F("mzmc", "ethnicity_name", "民族名称", table="GB/T 3304", role=LABEL),
        F("lxdh", "phone", "联系电话", masked=YES, max_length=50),
        F("csrj", "birth_date", "出生日期", format=DAY, likely="csrq"),
        F("sjjzdzbm", "residence_address_code", "实际居住地编码", max_length=100),
        F("sjjzdzxz", "residence_address", "实际居住地详址", max_length=500, accept=("sjjzdxxz",)),
        F("bz", "remark", "备注", format=LINES, max_length=500),
        F("encrype", "photo_base64", "图片base64码", format=PICTURE, accept=("enctype",)),
        F("djsj", "registered_at", "登记时间", "DateTime"),
        F("gxsj", "updated_at", "更新时间", "DateTime"),
    ),
)

B_2_2 = Interface(
    "B.2.2", "人员信息数据同步", "Synchronise person information",
    "/openapi/person/synPersonInfo", "push", tables="表B.10–B.13",
    request=(
        F("xm", "name", "姓名", required=YES, encrypted=YES, format=NAME, max_length=50),
        F("zjhm", "document_number", "证件号码", required=YES, encrypted=YES, max_length=50),
        F("zjlxdm", "document_type_code", "证件类型代码", required=YES, table="GA/T 2000.156", role=CODE),
        F("zjlxmc", "document_type_name", "证件类型名称", table="GA/T 2000.156", role=LABEL),
        F("rylxdm", "person_type_code", "人员类型代码", table="C.9", role=CODE),
        F("rylxmc", "person_type_name", "人员类型名称", table="C.9", role=LABEL),
        F("cym", "former_name", "曾用名", format=NAME, max_length=50),
        F("ywm", "english_name", "英文名", format=NAME, max_length=100),
        F("xbmc", "sex_name", "性别名称", table="GB/T 2261.1", role=LABEL),
        F("xbdm", "sex_code", "性别代码", table="GB/T 2261.1", role=CODE),
        F("mzdm", "ethnicity_code", "民族代码", table="GB/T 3304", role=CODE),
        F("mzmc", "ethnicity_name", "民族名称", table="GB/T 3304", role=LABEL),
        F("lxdh", "phone", "联系电话", required=YES, encrypted=YES, max_length=50),
        F("csrj", "birth_date", "出生日期", format=DAY, likely="csrq"),
        F("hjdxxz", "household_register_address", "户籍地详址", max_length=500, likely="hjdzxz"),
        F("sjjzdbm", "residence_address_code", "实际居住地编码", max_length=100, likely="sjjzdzbm"),
        F("sjjzdxz", "residence_address", "实际居住住地详址", max_length=500, likely="sjjzdzxz"),
        F("whcddm", "education_code", "文化程度代码", table="GB/T 4658", role=CODE),
        F("whcdmc", "education_name", "文化程度名称", table="GB/T 4658", role=LABEL, accept=("whcddm",)),
        F("hyzkdm", "marital_status_code", "婚姻状况代码", table="GB/T 2261.2", role=CODE),
        F("hyzkmc", "marital_status_name", "婚姻状况名称", table="GB/T 2261.2", role=LABEL),
        F("zy", "occupation", "职业"),
        F("zylbdm", "occupation_category_code", "职业类别代码", table="GB/T 6565", role=CODE),
        F("zylbmc", "occupation_category_name", "职业类别名称", table="GB/T 6565", role=LABEL),
        F("byzkdm", "military_service_code", "兵役状况代码", table="GA/T 2000.36", role=CODE),
        F("byzkmc", "military_service_name", "兵役状况名称", table="GA/T 2000.36", role=LABEL),
        F("zzmmdm", "political_status_code", "政治面貌代码", table="GB 4762", role=CODE),
        F("zzmmmc", "political_status_name", "政治面貌名称", table="GB 4762", role=LABEL),
        F("yfzgxdm", "resident_type_code", "住户类型代码", table="C.7", role=CODE, accept=("yfgxdm",)),
        F("yfzgxmc", "resident_type_name", "住户类型名称", table="C.7", role=LABEL, accept=("yfgxmc",)),
        F("bz", "remark", "备注", format=LINES, max_length=500),
        F("encrype", "photo_base64", "图片base64码", format=PICTURE),
        F("gzdw", "workplace", "工作单位"),
        F("qfjg", "document_issuer", "签发机关"),
        F("zjyxqx", "document_validity", "证件有效期限"),
        F("sfdjlr", "is_elderly_living_alone", "是否独居老人", table="C.10", boolean=("0", "1"), values=(("0", "是"), ("1", "否"))),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("ryId", "person_id", "人员ID", required=YES, max_length=100),
    ),
)

B_2_3 = Interface(
    "B.2.3", "上报过人记录信息", "Report person-passage records",
    "/openapi/person/synPersonEntrance", "push", tables="表B.14–B.16",
    batch=Batch("rys", limit=50),
    request=(
        F("zhlx", "resident_type_code", "住户类型代码", required=YES, table="C.7", role=CODE),
        F("kmfs", "door_open_method_code", "开门方式代码", required=YES, table="C.11", role=CODE),
        F("kmzt", "door_open_status_code", "开门状态代码", required=YES, table="C.12", role=CODE),
        F("xm", "name", "姓名", encrypted=YES, format=NAME, max_length=50),
        F("xb", "sex_code", "性别", table="GB/T 2261.1", role=CODE),
        F("xbmc", "sex_name", "性别名称", table="GB/T 2261.1", role=LABEL),
        F("zjlx", "document_type_code", "证件类型代码", table="GA/T 2000.156", role=CODE),
        F("zjlxmc", "document_type_name", "证件类型名称", table="GA/T 2000.156", role=LABEL),
        F("zjhm", "document_number", "证件号码", encrypted=YES, max_length=50),
        F("lxfs", "contact_phone", "联系方式", encrypted=YES, max_length=50),
        F("zhlxmc", "resident_type_name", "住户类型名称", table="C.7", role=LABEL),
        F("kmfsmc", "door_open_method_name", "开门方式名称", table="C.11", role=LABEL),
        F("mjwz", "access_point_location", "门禁位置", values=(("1", "大门"), ("2", "单元门"))),
        F("zpzp", "capture_photo_base64", "抓拍照片", format=PICTURE),
        F("zpqj", "capture_panorama_base64", "抓拍全景照片", format=PICTURE),
        F("sbbm", "device_code", "设备编码", max_length=100),
        F("sbmc", "device_name", "设备名称"),
        F("jrsj", "entered_at", "进入时间", "DateTime", required=WHEN, condition=one_of("entered_at", "left_at")),
        F("lksj", "left_at", "离开时间", "DateTime", required=WHEN, condition=one_of("entered_at", "left_at")),
        F("sfbxq", "is_local_resident", "是否本小区人员", table="C.14", boolean=("1", "0"), values=(("1", "是"), ("0", "否"))),
        F("dabh", "archive_no", "档案编号", required=WHEN, max_length=100, condition=one_of("archive_no", "person_id")),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
        F("ryId", "person_id", "静态人员id", required=WHEN, max_length=100, condition=one_of("archive_no", "person_id")),
        F("crlx", "passage_direction_code", "出入类型", required=WHEN, table="C.13", role=CODE, condition=EXAMPLE, in_table=False),
    ),
)

B_3_1 = Interface(
    "B.3.1", "分页获取房屋信息", "Get house information by page",
    "/openapi/house/getHouseByPage", "pull", tables="表B.17–B.21",
    request=(
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1, note="大于0"),
        F("myjls", "page_size", "每页数据记录数", "Integer", required=YES, minimum=1, note="建议400以下"),
        F("kssj", "start_time", "开始时间", "DateTime"),
        F("jssj", "end_time", "结束时间", "DateTime"),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("jlzs", "total_records", "查询数据记录总数", "Integer", required=YES),
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1),
        F("myjls", "page_size", "每页记录总数", "Integer", required=YES, minimum=1),
        F("list", "items", "对象列表", "List<Map>"),
    ),
    items=(
        F("dzbm", "address_code", "地址编码", required=YES, max_length=100),
        F("fzgmsfzhm", "owner_id_number", "房主公民身份号码", masked=YES, max_length=50),
        F("fzlxdz", "owner_contact_address", "房主联系地址", max_length=500),
        F("fzxm", "owner_name", "房主姓名", format=NAME, max_length=50),
        F("fzlxhdh", "owner_phone", "房主联系电话", masked=YES, max_length=50, accept=("fzlxhd", "fzlx dh"), likely="fzlxdh"),
        F("dzmc", "address_name", "地址名称", max_length=500),
        F("dzmc_jc", "address_short_name", "地址名称简称", max_length=500),
        F("enctype", "house_photo_base64", "图片(base64)", format=PICTURE, likely="encrype"),
        F("fjh", "room_no", "房间号"),
        F("fjm", "room_name", "房间名"),
        F("fwjs", "room_count", "房屋间数"),
        F("fwmj", "floor_area", "房屋面积"),
        F("gxsj", "updated_at", "更新时间", "DateTime"),
        F("fwId", "house_id", "房屋ID", max_length=100),
        F("lch", "floor_no", "楼层号"),
        F("mlxz", "gate_building_detail", "门楼详情"),
        F("bz", "remark", "备注", format=LINES, max_length=500),
        F("djsj", "registered_at", "登记时间", "DateTime"),
        F("dyh", "unit_no", "单元号", accept=("d yh",)),
        F("dym", "unit_name", "单元名", accept=("d ym",)),
    ),
)

B_3_2 = Interface(
    "B.3.2", "房屋信息数据同步", "Synchronise house information",
    "/openapi/house/synHouseInfo", "push", tables="表B.22–B.25",
    request=(
        F("dzbm", "address_code", "地址编码", required=YES, max_length=100),
        F("fzgmsfzhm", "owner_id_number", "房主公民身份号码", required=YES, encrypted=YES, max_length=50),
        F("fzlxdz", "owner_contact_address", "房主联系地址", max_length=500),
        F("fzxm", "owner_name", "房主姓名", required=YES, encrypted=YES, format=NAME, max_length=50),
        F("fwqh", "property_certificate_no", "房屋产权号", likely="fwcqh"),
        F("fzlxhd", "owner_phone", "房主联系电话", required=YES, encrypted=YES, max_length=50, accept=("fzlx dh", "fzlxhdh"), likely="fzlxdh"),
        F("dzmc", "address_name", "地址名称", required=YES, max_length=500),
        F("dzmc_jc", "address_short_name", "地址名称简称", max_length=500),
        F("encrype", "property_certificate_photo_base64", "图片(base64)", format=PICTURE, accept=("enctype",)),
        F("fwjs", "room_count", "房屋间数", format=WHOLE, note="数字字符串（整数）"),
        F("fwlxdm", "house_type_code", "房屋类型代码", required=YES, table="GA/T 2000.28", role=CODE, accept=("fwlx dm",)),
        F("fwlxmc", "house_type_name", "房屋类型名称", table="GA/T 2000.28", role=LABEL, accept=("fwlx mc",)),
        F("fwmj", "floor_area", "房屋面积", format=AREA, note="数字字符串（最多两位小数）"),
        F("fwxzd", "house_nature_code", "房屋性质代码", required=YES, table="GA/T 2000.29", role=CODE, accept=("fwxz dm",), likely="fwxzdm"),
        F("fwxzm", "house_nature_name", "房屋性质名称", table="GA/T 2000.29", role=LABEL, accept=("fwxz mc",), likely="fwxzmc"),
        F("fwytd", "house_use_code", "房屋用途代码", required=YES, table="GB/T 17986.1", role=CODE, accept=("fwyt dm",), likely="fwytdm"),
        F("fwytm", "house_use_name", "房屋用途名称", table="GB/T 17986.1", role=LABEL, accept=("fwyt mc",), likely="fwytmc"),
        F("sfqzjz", "is_group_rental", "是否群租居住", boolean=("0", "1"), values=(("0", "是"), ("1", "否"))),
        F("zlxtd", "lease_status_code", "租赁状态代码", required=YES, table="C.15", role=CODE, likely="zlztdm"),
        F("zlxtm", "lease_status_name", "租赁状态名称", table="C.15", role=LABEL, likely="zlztmc"),
        F("bz", "remark", "备注", format=LINES, max_length=500),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("fwId", "house_id", "房屋ID", required=YES, max_length=100),
    ),
)

B_4_1 = Interface(
    "B.4.1", "分页获取人房关系信息", "Get person-house relation information by page",
    "/openapi/person/getPersonHouseInfoByPage", "pull", tables="表B.26–B.30",
    request=(
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1, note="大于0"),
        F("myjls", "page_size", "每页数据记录数", "Integer", required=YES, minimum=1, note="建议400以下"),
        F("ryId", "person_id", "静态人员id", max_length=100),
        F("zjhm", "document_number", "证件号码", max_length=50),
        F("dzbm", "address_code", "房屋标准地址编码", max_length=100),
        F("kssj", "start_time", "开始时间", "DateTime"),
        F("jssj", "end_time", "结束时间", "DateTime"),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("jlzs", "total_records", "查询数据记录总数", "Integer", required=YES),
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1),
        F("myjls", "page_size", "每页记录总数", "Integer", required=YES, minimum=1),
        F("list", "items", "对象列表", "List<Map>"),
    ),
    items=(
        F("ryId", "person_id", "静态人员id", required=YES, max_length=100),
        F("dzbm", "address_code", "房屋标准地址编码", required=YES, max_length=100),
        F("xz", "address_detail", "地址详址", required=YES, max_length=500),
        F("zhlx_bm", "resident_type_code", "住户类型编码", required=YES, table="C.7", role=CODE),
        F("zhlx_mc", "resident_type_name", "住户类型名称", required=YES, table="C.7", role=LABEL),
        F("tjsj", "added_at", "添加时间", "DateTime", required=YES),
        F("zlkssj", "lease_start", "租赁开始时间", "DateTime"),
        F("zljssj", "lease_end", "租赁结束时间", "DateTime"),
        F("zlhztzp", "lease_contract_photo_base64", "租赁合同照片", required=WHEN, format=PICTURE, condition=TENANT, likely="zlhtzp"),
        F("zjhm", "document_number", "证件号码", required=YES, masked=YES, max_length=50),
    ),
)

B_4_2 = Interface(
    "B.4.2", "人房关系信息数据同步", "Synchronise person-house relation information",
    "/openapi/person/synPersonHouseInfo", "push", tables="表B.31–B.34",
    request=(
        F("ryId", "person_id", "静态人员id", required=WHEN, max_length=100, condition=one_of("person_id", "document_number")),
        F("zjhm", "document_number", "证件号码", required=WHEN, max_length=50, condition=one_of("person_id", "document_number")),
        F("dzbm", "address_code", "房屋标准地址编码", required=YES, max_length=100),
        F("zhlx_bm", "resident_type_code", "住户类型编码", required=YES, table="C.7", role=CODE),
        F("zhlx_mc", "resident_type_name", "住户类型名称", table="C.7", role=LABEL),
        F("zlkssj", "lease_start", "租赁开始时间", "DateTime", required=WHEN, condition=TENANT),
        F("zljssj", "lease_end", "租赁结束时间", "DateTime", required=WHEN, condition=TENANT),
        F("zlhtzp", "lease_contract_photo_base64", "租赁合同照片", required=WHEN, format=PICTURE, condition=TENANT, accept=("zlhztzp",)),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("id", "relation_id", "人房关系id", required=YES, max_length=100, note="人房关系id"),
    ),
)

B_5_1 = Interface(
    "B.5.1", "分页获取车辆信息", "Get vehicle information by page",
    "/openapi/car/getCarByPage", "pull", tables="表B.35–B.39",
    request=(
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1, note="大于0"),
        F("myjls", "page_size", "每页数据记录数", "Integer", required=YES, minimum=1, note="建议400以下"),
        F("kssj", "start_time", "开始时间", "DateTime"),
        F("jssj", "end_time", "结束时间", "DateTime"),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("jlzs", "total_records", "查询数据记录总数", "Integer", required=YES),
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1),
        F("myjls", "page_size", "每页记录总数", "Integer", required=YES, minimum=1),
        F("list", "items", "对象列表", "List<Map>"),
    ),
    items=(
        F("id", "vehicle_id", "车辆id", required=YES),
        F("clhmxx", "plate_number", "车牌号码", required=YES),
        F("cpysdm", "plate_color_code", "车牌颜色", table="GA/T 833-2016", role=CODE),
        F("clppdm", "vehicle_brand_code", "车辆品牌", table="C.1", role=CODE),
        F("cllxdm", "vehicle_type_code", "车辆类型", table="C.2", role=CODE),
        F("clysdm", "vehicle_color_code", "车辆颜色", table="GA/T 16.8-2012", role=CODE),
        F("xm", "owner_name", "车主姓名", format=NAME, max_length=50),
        F("clsyrzjhm", "owner_document_number", "车主证件号码", masked=YES, max_length=50),
        F("lxdh", "owner_phone", "车主联系方式", masked=YES, max_length=50, accept=("lx dh",)),
        F("bz", "remark", "备注", format=LINES, max_length=500),
        F("djsj", "registered_at", "登记时间", "DateTime", required=YES),
        F("gxsj", "updated_at", "更新时间", "DateTime"),
        F("encrype", "photo_base64", "照片 (Base64)", format=PICTURE),
    ),
)

B_5_2 = Interface(
    "B.5.2", "车辆信息数据同步", "Synchronise vehicle information",
    "/openapi/car/synCarInfo", "push", tables="表B.40–B.43",
    request=(
        F("clhmxx", "plate_number", "车牌号码", required=YES),
        F("cpysdm", "plate_color_code", "车牌颜色", table="GA/T 833-2016", role=CODE),
        F("clppdm", "vehicle_brand_code", "车辆品牌", table="C.1", role=CODE),
        F("cllxdm", "vehicle_type_code", "车辆类型", table="C.2", role=CODE),
        F("clysdm", "vehicle_color_code", "车辆颜色", table="GA/T 16.8-2012", role=CODE),
        F("xm", "owner_name", "车主姓名", required=YES, encrypted=YES, format=NAME, max_length=50),
        F("clsyrzjhm", "owner_document_number", "车主证件号码", required=YES, encrypted=YES, max_length=50),
        F("lxdh", "owner_phone", "车主联系方式", required=YES, encrypted=YES, max_length=50),
        F("bz", "remark", "备注", format=LINES, max_length=500),
        F("encrype", "photo_base64", "照片 (Base64)", format=PICTURE),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("clId", "vehicle_id", "车辆id", required=YES, note="车辆id"),
    ),
)

B_5_3 = Interface(
    "B.5.3", "上报过车记录信息", "Report vehicle-passage records",
    "/openapi/car/synCarEntrance", "push", tables="表B.44–B.46",
    batch=Batch("cls", limit=50),
    request=(
        F("cphm", "plate_number", "车牌号码", required=YES),
        F("cpys", "plate_color_code", "车牌颜色", table="GA/T 833-2016", role=CODE),
        F("cpysmc", "plate_color_name", "车牌颜色名称", table="GA/T 833-2016", role=LABEL),
        F("clpp", "vehicle_brand_code", "车辆品牌", table="C.1", role=CODE),
        F("clppmc", "vehicle_brand_name", "车辆品牌名称", table="C.1", role=LABEL),
        F("cllx", "vehicle_type_code", "车辆类型", table="C.2", role=CODE),
        F("cllxmc", "vehicle_type_name", "车辆类型名称", table="C.2", role=LABEL),
        F("clys", "vehicle_color_code", "车辆颜色", table="GA/T 16.8-2012", role=CODE),
        F("clysmc", "vehicle_color_name", "车辆颜色名称", table="GA/T 16.8-2012", role=LABEL),
        F("tclx", "parking_type_code", "停车类型", table="C.5", role=CODE),
        F("tclxmc", "parking_type_name", "停车类型名称", table="C.5", role=LABEL),
        F("czxm", "owner_name", "车主姓名", encrypted=YES, format=NAME, max_length=50),
        F("czsfzhm", "owner_document_number", "车主证件号码", encrypted=YES, max_length=50),
        F("czlxfs", "owner_contact_phone", "车主联系方式", encrypted=YES, max_length=50, accept=("czlxfz",)),
        F("tccmc", "parking_lot_name", "停车场名称"),
        F("sbbm", "device_code", "设备编码", required=YES, max_length=100),
        F("sbmc", "device_name", "设备名称"),
        F("tdbm", "lane_code", "通道编号"),
        F("tdmc", "lane_name", "通道名称"),
        F("jrsj", "entered_at", "进入时间", "DateTime", required=WHEN, condition=one_of("entered_at", "left_at")),
        F("lksj", "left_at", "离开时间", "DateTime", required=WHEN, condition=one_of("entered_at", "left_at")),
        F("zpzp", "capture_photo_base64", "抓拍照片", format=PICTURE),
        F("txqk", "passage_result", "通行情况", boolean=("1", "0"), values=(("1", "成功"), ("0", "失败"))),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
        F("sfbxq", "is_local_vehicle", "是否本小区", table="C.14", boolean=("1", "0"), values=(("1", "是"), ("0", "否"))),
        F("crlx", "passage_direction_code", "出入类型", required=WHEN, table="C.13", role=CODE, condition=EXAMPLE, in_table=False),
        F("crlxmc", "passage_direction_name", "出入类型名称", table="C.13", role=LABEL, in_table=False),
    ),
)

B_6_1 = Interface(
    "B.6.1", "设备信息数据同步", "Synchronise device information",
    "/openapi/device/synDeviceInfo", "push", tables="表B.47–B.50",
    request=(
        F("sbbm", "device_code", "设备编码", required=YES, max_length=100),
        F("sbmc", "device_name", "设备名称", required=YES),
        F("sblx", "device_type_code", "设备类型", required=YES, table="C.16", role=CODE),
        F("sblxmc", "device_type_name", "设备类型名称", table="C.16", role=LABEL),
        F("sbcsc", "manufacturer", "设备厂商", likely="sbcs"),
        F("zxzt", "online_status_code", "在线状态", required=YES, table="C.17", role=CODE, accept=("zxxzt",)),
        F("zxztmc", "online_status_name", "在线状态名称", table="C.17", role=LABEL, accept=("zxxztmc",)),
        F("syzt", "usage_status_code", "使用状态", required=YES, table="GA/T 2000.40", role=CODE),
        F("syztmc", "usage_status_name", "使用状态名称", table="GA/T 2000.40", role=LABEL),
        F("jssj", "built_at", "建设时间", "DateTime"),
        F("sbmac", "mac_address", "设备MAC"),
        F("sbip", "ip_address", "设备IP"),
        F("sbdk", "port", "设备端口"),
        F("yhm", "device_username", "用户名"),
        F("mm", "device_password", "密码"),
        F("sbjd", "longitude", "设备经度"),
        F("sbwd", "latitude", "设备纬度"),
        F("sfygalw", "is_networked_with_police", "是否与公安联网", boolean=("1", "0"), values=(("0", "否"), ("1", "是"))),
        F("sbms", "description", "设备描述", format=LINES, max_length=500),
        F("bz", "remark", "备注", format=LINES, max_length=500),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("sbId", "device_id", "设备ID", required=YES),
    ),
)

B_6_2 = Interface(
    "B.6.2", "设备信息数据删除", "Delete device information",
    "/openapi/device/delDeviceBySbbm", "push", tables="表B.51–B.53",
    request=(
        F("sbbm", "device_code", "设备编码", required=YES, max_length=100),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
)

B_6_3 = Interface(
    "B.6.3", "设备状态更新", "Update device status",
    "/openapi/device/upDeviceStatus", "push", tables="表B.54–B.56",
    request=(
        F("sbbm", "device_code", "设备编码", required=YES, max_length=100),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
        F("zxzt", "online_status_code", "在线状态", required=YES, table="C.17", role=CODE),
        F("zxztmc", "online_status_name", "在线状态名称", required=YES, table="C.17", role=LABEL),
        F("syzt", "usage_status_code", "使用状态", required=YES, table="GA/T 2000.40", role=CODE),
        F("syztmc", "usage_status_name", "使用状态名称", required=YES, table="GA/T 2000.40", role=LABEL),
    ),
)

B_7 = Interface(
    "B.7", "分页获取标准地址列表", "Get standard address list by page",
    "/openapi/address/getStandAddressByPage", "pull", tables="表B.57–B.61",
    request=(
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1, note="大于0"),
        F("myjls", "page_size", "每页数据记录数", "Integer", required=YES, minimum=1, note="建议400以下"),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100),
    ),
    response=(
        F("jlzs", "total_records", "查询数据记录总数", "Integer", required=YES),
        F("dqym", "page", "当前页码", "Integer", required=YES, minimum=1),
        F("myjls", "page_size", "每页记录总数", "Integer", required=YES, minimum=1),
        F("list", "items", "对象列表", "List<Map>"),
    ),
    items=(
        F("dzbm", "address_code", "地址编码", required=YES, max_length=100),
        F("xz", "address_detail", "地址详址", required=YES, max_length=500),
        F("xqmc", "community_name", "小区名称", required=YES),
        F("ldphxlh", "building_sequence_no", "楼栋牌号序列号", required=YES, accept=("ldphx1h",)),
        F("ldph", "building_no", "楼栋牌号", required=YES, note="如:1号楼"),
        F("dyhxxh", "unit_sequence_no", "单元号序号", accept=("dyhxx",), likely="dyhxh", note="如:1"),
        F("dyh", "unit_no", "单元号", note="如:1单元"),
        F("lch", "floor_no", "楼层号", note="如:1"),
        F("fjhxh", "room_sequence_no", "房间号序号", accept=("fjhxx",), note="如:3"),
        F("fjh", "room_no", "房间号", note="如:103室"),
        F("djsj", "registered_at", "登记时间", "DateTime", required=YES),
        F("gxsj", "updated_at", "更新时间", "DateTime", in_table=False),
    ),
)

B_8 = Interface(
    "B.8", "疑似社区居住陌生人上报接口", "Report stranger suspected of living in the community",
    "/openapi/stranger/addSuspResidStranger", "push", tables="表B.62–B.65",
    request=(
        F("dabh", "archive_no", "档案编号", required=YES, format=GUID, max_length=100, note="GUID 32位"),
        F("sccrsj", "first_passage_at", "首次出入时间", "DateTime", required=YES),
        F("dazp1", "archive_photo_1_base64", "档案照片1", required=YES, format=PICTURE),
        F("dazp2", "archive_photo_2_base64", "档案照片2", format=PICTURE),
        F("dazp3", "archive_photo_3_base64", "档案照片3", format=PICTURE),
        F("zjcrgj", "recent_tracks", "近10条出入轨迹", required=YES, format=TRACKS, max_items=10, accept=("zjcrj",), note="数组", items=(
            F("id", "track_id", "ID", required=YES, note="唯一"),
            F("sbbm", "device_code", "设备编码", required=YES, max_length=100),
            F("sbmc", "device_name", "设备名称", required=YES),
            F("sbwz", "device_location", "设备位置"),
            F("jrsj", "entered_at", "进入时间", "DateTime", required=WHEN, condition=one_of("entered_at", "left_at")),
            F("lksj", "left_at", "离开时间", "DateTime", required=WHEN, condition=one_of("entered_at", "left_at")),
        )),
        F("zjcrpc", "passage_count_30d", "最近30天出入频次", required=YES),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100, accept=("ptgzm",)),
    ),
)

B_9 = Interface(
    "B.9", "疑似社区车辆上报接口", "Report vehicle suspected of belonging to the community",
    "/openapi/car/addSuspectCar", "push", tables="表B.66–B.68",
    request=(
        F("cph", "plate_number", "车牌号", required=YES),
        F("sccrsj", "first_passage_at", "首次出入时间", "DateTime", required=YES),
        F("zjcrpc", "passage_count_30d", "最近30天出入频次", required=YES),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100, accept=("ptgzm",)),
    ),
)

B_10 = Interface(
    "B.10", "社区房屋水电煤数据上报", "Report house water, electricity and gas usage",
    "/openapi/sdm/addSdmDdatas", "push", tables="表B.69–B.71",
    request=(
        F("fwdz", "house_address", "房屋地址", required=YES, max_length=500),
        F("dsyl", "electricity_usage", "电使用量", required=YES, format=USAGE, note="数字字符串 (无值给0)"),
        F("msyl", "gas_usage", "煤使用量", required=YES, format=USAGE, note="数字字符串 (无值给0)"),
        F("ssyl", "water_usage", "水使用量", required=YES, format=USAGE, note="数字字符串 (无值给0)"),
        F("ssyf", "usage_month", "所属月份", required=YES, format=MONTH),
        F("ptzcm", "registration_code", "注册码", required=YES, max_length=100, accept=("ptgzm",)),
    ),
)

ALL: tuple[Interface, ...] = (
    B_1_1, B_2_1, B_2_2, B_2_3, B_3_1, B_3_2, B_4_1, B_4_2, B_5_1, B_5_2, B_5_3, B_6_1, B_6_2, B_6_3, B_7, B_8, B_9, B_10,
)

_BY_CLAUSE = {one.clause: one for one in ALL}
_loaded: dict[str, Interface] = {}  # beyond Appendix B: standard/descriptors.py puts them here


def get(clause: str) -> Interface:
    """The interface of a clause such as "B.2.2", or one that was loaded; KeyError if there is none."""
    return _BY_CLAUSE.get(clause) or _loaded[clause]


def every() -> tuple[Interface, ...]:
    """Those of Appendix B, then those that were loaded."""
    return (*ALL, *_loaded.values())


def members(clause: str, field: F) -> tuple[F, ...]:
    """The fields of the objects in a list: printed with the field, or the rows of a page."""
    if field.items or field.type != "List<Map>":
        return field.items
    return get(clause).items
