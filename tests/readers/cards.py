"""Cards as a reader hands them over: the 256 bytes of text, laid out by hand after the layouts as printed.

Kept apart from the parser on purpose: offsets stand here as numbers, so an error in one table shows against the other.
"""

from dataclasses import dataclass, field

BLANK = " ".encode("utf-16-le")

# (from byte, to byte) of each text
RESIDENT = {
    "name": (0, 30), "sex": (30, 32), "nation": (32, 36), "birth": (36, 52), "address": (52, 122),
    "number": (122, 158), "authority": (158, 188), "validFrom": (188, 204), "validTo": (204, 220),
}  # fmt: skip
PERMIT = {
    "name": (0, 30), "sex": (30, 32), "birth": (36, 52), "address": (52, 122), "number": (122, 158),
    "authority": (158, 188), "validFrom": (188, 204), "validTo": (204, 220), "passNo": (220, 238), "issueCount": (238, 242),
}  # fmt: skip
FOREIGNER_2017 = {
    "englishName": (0, 120), "sex": (120, 122), "number": (122, 152), "nationality": (152, 158), "name": (158, 188),
    "validFrom": (188, 204), "validTo": (204, 220), "birth": (220, 236), "version": (236, 240), "authority": (240, 248),
}  # fmt: skip
FOREIGNER_2023 = {
    "name": (0, 30), "sex": (30, 32), "renewals": (32, 36), "birth": (36, 52), "englishName": (52, 122),
    "number": (122, 158), "validFrom": (188, 204), "validTo": (204, 220), "englishRest": (220, 242),
    "nationality": (242, 248), "oldNumberLink": (250, 256),
}  # fmt: skip
PLACES = {" ": RESIDENT, "J": PERMIT, "I": FOREIGNER_2017, "Y": FOREIGNER_2023}
KINDS = {" ": "resident", "J": "hmt", "I": "foreigner2017", "Y": "foreigner2023"}


def text(letter: str, **fields: str) -> bytes:
    """256 bytes of a card of that layout; ValueError when a field does not fit."""
    laid = bytearray(BLANK * 128)
    for name, value in fields.items():
        start, end = PLACES[letter][name]
        data = value.encode("utf-16-le")
        if len(data) > end - start:
            raise ValueError(f"{name} is too long")
        laid[start : start + len(data)] = data
    laid[248:250] = letter.encode("utf-16-le")
    return bytes(laid)


@dataclass
class Card:
    """What lies on the reader."""

    letter: str
    fields: dict[str, str]
    newest_address: str = ""
    photo: bytes = field(default=bytes(range(256)) * 4, repr=False)

    @property
    def text(self) -> bytes:
        return text(self.letter, **self.fields)


# Nobody's: numbers of vendors' and ministries' printed specimens.
WANG = Card(" ", {
    "name": "王秀英", "sex": "2", "nation": "01", "birth": "19900307", "address": "天津市示范区幸福里3号楼2单元501室",
    "number": "110101199003071241", "authority": "天津市公安局示范分局", "validFrom": "20160330", "validTo": "20360330",
})  # fmt: skip
OLD_LI = Card(" ", {
    "name": "李长庚", "sex": "1", "nation": "11", "birth": "19410203", "address": "天津市示范区幸福里1号楼", "number":
    "110101194102030055", "authority": "天津市公安局示范分局", "validFrom": "20110330", "validTo": "长期",
}, newest_address="天津市示范区枫林苑8号楼1单元302室")  # fmt: skip
CHAN = Card("J", {
    "name": "陳大文", "sex": "1", "birth": "19940823", "address": "天津市示范区枫林苑2号楼", "number": "810000199408230021",
    "authority": "天津市公安局", "validFrom": "20200101", "validTo": "20250101", "passNo": "H12345678", "issueCount": "02",
})  # fmt: skip
SPECIMEN_2017 = Card("I", {
    "englishName": "ZHENGJIAN,YANGBEN", "sex": "2", "number": "CAN110081080319", "nationality": "CAN", "name": "证件样本",
    "validFrom": "20151025", "validTo": "20251024", "birth": "19810803", "version": "01", "authority": "1500",
})  # fmt: skip
SPECIMEN_2023 = Card("Y", {
    "name": "证件样本", "sex": "2", "renewals": "00", "birth": "19800101", "englishName": "ZHENGJIAN, YANGBEN",
    "number": "931586198001010028", "validFrom": "20230808", "validTo": "20330807", "nationality": "586",
    "oldNumberLink": "000",
})  # fmt: skip
ALL = (WANG, OLD_LI, CHAN, SPECIMEN_2017, SPECIMEN_2023)
