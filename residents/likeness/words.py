"""What the pane and the pages of likeness say, in one place; the browser gets WORDS as JSON."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from residents.likeness import grounds
from residents.likeness.models import Reason

GROUNDS: dict[str, Promise] = {
    grounds.NUMBER: _("证件号码相同"),
    grounds.NUMBER_OF_OTHER_KIND: _("证件号码相同,证件类型不同"),
    grounds.NAME_BIRTH: _("姓名、出生日期相同"),
    grounds.NAME_PHONE: _("姓名、电话相同"),
    grounds.HOUSE_NAME: _("同一房屋,姓名相同"),
    grounds.HOUSE_BIRTH: _("同一房屋,同姓且出生日期相同"),
    grounds.PHONE: _("电话相同,姓名不同"),
}
FACTS: dict[str, Promise] = {
    "document_number": _("证件号码"),
    "name": _("姓名"),
    "birth_date": _("出生日期"),
    "phone": _("联系电话"),
    "house": _("住处"),
}
WORDS: dict[str, Promise] = {
    "likeness.found": _("找到 {count} 个相似的人,请判断是不是同一人。"),
    "likeness.offline": _("离线:提交后再查重"),
    "likeness.failed": _("暂时查不了,提交时会再查。"),
    "likeness.agrees": _("相同"),
    "likeness.differs": _("不同"),
    "likeness.unknown": _("未填"),
    "likeness.same": _("同一人"),
    "likeness.because": _("不是同一人,因为…"),
    "likeness.reason": _("理由"),
    "likeness.choose": _("请选择理由"),
    "likeness.note": _("说明(选“其他”时必填)"),
    "likeness.confirm": _("确定"),
    "likeness.cancel": _("取消"),
    "likeness.undo": _("撤回判断"),
    "likeness.bound": _("已选为同一人:将为这个人添加居住关系,不再新建。"),
    "likeness.decided": _("已判断:不是同一人({reason})"),
    "likeness.must_same": _("证件号码相同:只能是同一人,否则请更正号码。"),
    "likeness.must_decide": _("提交前须判断"),
    "likeness.restricted": _("信息已限制处理"),
    "likeness.led": _("与其合并前的档案相似"),
    "likeness.nowhere": _("未登记住处"),
    "likeness.grounds": _("相似之处:"),
    "likeness.lives": _("住处:"),
    "likeness.number": _("证件号码:"),
    "likeness.phone": _("电话:"),
    "likeness.birth": _("出生日期:"),
}
WORDS |= {f"likeness.reason_{reason.value}": reason.label for reason in Reason}
WORDS |= {f"likeness.fact_{code}": title for code, title in FACTS.items()}


def of_grounds(codes: Any) -> list[dict[str, str]]:
    """[{code, words}] of grounds; a code of an older version stays as it is."""
    return [{"code": code, "words": str(GROUNDS.get(code, code))} for code in codes]
