"""Raw material of the demo register: invented names, places, makers. Nothing here belongs to a real person.

Identity numbers are made under area codes that name no county (120100, 110100, ... 市辖区), which are never issued;
telephone numbers under 1990000, which no operator hands out to people.
"""

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
COMPOUND_SURNAMES = ("欧阳", "上官", "诸葛", "司马")
GIVEN_MEN = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆旭宁龙林海峰志国建文博子轩浩然"
GIVEN_WOMEN = "芳娜敏静丽艳娟霞秀燕玲桂英梅红云洁莉婷雪琳晶欣颖佳慧琴兰玉萍倩雯菲梦琪雨涵诗"
AREAS = ("120100", "110100", "130100", "140100", "210100", "370100", "410100", "310100")
SERVICE_SEQUENCE = 900  # 9xx: kept free of ordinary registrations

EMPLOYERS = ("海河机械厂", "安居示范小学", "津门物流公司", "渤海软件公司", "和平医院", "")
EDUCATION = ("11", "21", "31", "41", "70", "80")
REMARKS = ("", "", "", "上门核实", "已签承诺书", "行动不便,请提前电话联系")
CAMERA_MAKERS = ("海晏科技", "安目光电", "云岗智能")
VEHICLE_COLOURS = "ABCDEFGHIJ"

COMMUNITIES = (
    # code, name, kind, mode, level, tier, address, buildings: (number, units, floors, rooms a floor)
    (
        "LOTUS0001",
        "幸福里",
        "closed",
        "front_end",
        "2",
        "preferred",
        "天津市示范区幸福路1号",
        ((1, 2, 6, 2), (2, 2, 6, 2), (3, 3, 6, 2), (4, 3, 6, 2), (5, 2, 11, 2), (6, 2, 11, 2), (7, 1, 18, 3)),
    ),
    (
        "MAPLE0002",
        "枫林苑",
        "open",
        "centre",
        "3",
        "basic",
        "天津市示范区枫林道8号",
        ((1, 3, 6, 2), (2, 3, 6, 2), (3, 2, 6, 2), (4, 2, 6, 2), (5, 2, 9, 2), (6, 1, 15, 3)),
    ),
)
