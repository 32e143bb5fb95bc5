import pytest
from django.template import Context, Template

from guomi import masking, normalise


@pytest.mark.parametrize(
    ("kind", "value", "mask"),
    [
        ("name", "张小三", "张*三"),
        ("name", "张三", "张*"),
        ("name", "张", "*"),
        ("name", "欧阳小三", "欧**三"),
        ("document", "120101199003071234", "120101********1234"),
        ("document", "120101900307123", "120101*****7123"),
        ("document", "E12345678", "E1*****78"),
        ("phone", "13812341234", "138****1234"),
        ("phone", "123", "***"),
        ("plate", "津A12345", "津A***45"),
        ("address", "天津市南开区幸福里小区3号楼2门501", "天津市南开区幸福里小区****"),
        ("address", "天津市和平区南京路12号3门", "天津市和平区南京路****"),
        ("address", "三单元", "三****"),
        ("date", "1990-03-07", "1990-**-**"),
        ("text", "任意文字", "任***"),
        ("text", "甲", "***"),
        ("name", "", ""),
        ("phone", None, ""),
    ],
)
def test_masks(kind, value, mask):
    assert masking.mask(kind, value) == mask


@pytest.mark.parametrize("kind", sorted(set(masking.KINDS) - {"address", "document"}))
@pytest.mark.parametrize("value", ["甲", "甲乙", "12345", "1990", "A" * 40])
def test_an_unusual_value_is_never_shown_by_more_than_two_thirds(kind, value):
    shown = masking.mask(kind, value)
    assert shown != value
    assert sum(letter != masking.STAR for letter in shown) <= len(value) * 2 / 3


def test_the_filter_masks_in_templates():
    page = Template("{% load masking %}{{ phone|masked:'phone' }} {{ name|masked:'name' }}")
    assert page.render(Context({"phone": "13812341234", "name": "张小三"})) == "138****1234 张*三"


@pytest.mark.parametrize(
    ("kind", "spellings", "one"),
    [
        (
            "document",
            ["12010119900307123x", "１２０１０１１９９００３０７１２３Ｘ", " 120101 19900307 123X\u200b"],
            "12010119900307123X",
        ),
        (
            "phone",
            ["138 1234 1234", "+86-138-1234-1234", "8613812341234", "0086 13812341234", "１３８１２３４１２３４"],
            "13812341234",
        ),
        ("name", ["张小三", " 张 小三 ", "张\u3000小三"], "张小三"),
        ("plate", ["津A12345", "津a·12345", "津Ａ-12345"], "津A12345"),
        ("phone_last4", ["13812341234", "1234"], "1234"),
        ("document_last4", ["12010119900307123x"], "123X"),
        ("surname", ["张小三", " 张三"], "张"),
        ("phone_last4", ["123", ""], ""),
    ],
)
def test_every_spelling_becomes_one(kind, spellings, one):
    assert {normalise.NORMALISERS[kind](text) for text in spellings} == {one}
