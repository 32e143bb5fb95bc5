"""What the desk's scripts say: key -> words, rendered into the page as one block (static/desk/words.js)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from residents.likeness import words as likeness
from residents.readers import words as readers
from residents.verification import words as verification

WORDS: dict[str, Promise] = {
    "conflict.changed": _("{name} 的登记在您之后被别人修改过"),
    "conflict.empty": _("(空)"),
    "conflict.lead": _("请逐项选择保留哪一个;没有选定之前,什么都不会被覆盖。"),
    "conflict.mine": _("我填的"),
    "conflict.new_photo": _("新拍的照片"),
    "conflict.registered": _("这个证件号码已登记给 {name}({number})"),
    "conflict.same": _("两边填的一致,确认是同一人即可。"),
    "conflict.theirs": _("已登记的"),
    "draft.drop": _("删除"),
    "draft.drop_sure": _("删除这份草稿?删除后不能恢复。"),
    "draft.kept": _("已存于本机 {time}"),
    "draft.no_house": _("未选房屋"),
    "draft.no_name": _("未填姓名"),
    "draft.others": _("本机还有其他采集员的 {n} 份草稿,由本人登录后处理。"),
    "draft.restored": _("已恢复上次没有写完的草稿"),
    "draft.take_back": _("撤回修改"),
    "gap.house": _("请先选择房屋。"),
    "gap.name": _("请填写姓名。"),
    "gap.number": _("请填写证件号码。"),
    "house.grid_offline": _("离线:房态图要联网才能看,请输入房号。"),
    "house.complete": _("补充 {name} 的信息"),
    "house.no_photo": _("缺照片"),
    "house.nobody": _("这一户还没有登记人员。"),
    "house.none_offline": _("离线:本机保存的房屋里没有这一套,请按“楼-单元-房号”输入,如 3-2-501。"),
    "house.offline": _("离线:联网后显示已登记的人员。"),
    "lease.kept": _("合同照片已附上"),
    "light.arrived": _("已上报 {n}"),
    "light.delivered": _("已送达 {n}"),
    "light.here": _("在本机 {n}"),
    "no": _("否"),
    "notice.face": _("{title} · 第 {version} 版"),
    "notice.register": _("提交前请向本人出示:{title} · 第 {version} 版"),
    "number.check": _("第 18 位校验码不符,请核对各位数字"),
    "number.date": _("第 7 至 14 位不是存在的日期,请核对出生日期"),
    "number.length": _("居民身份证号码应为 18 位,现在 {n} 位"),
    "number.offline": _("离线:提交后再核对号码"),
    "person.completing": _("正在补充已登记人员:{name}"),
    "person.none": _("没有找到这位人员,或不在您的采集范围内。"),
    "person.offline": _("离线时不能打开已登记的人员,请联网后再试。"),
    "person.registered": _("已登记人员"),
    "saved.local": _("仅在本机"),
    "saved.person": _("人员"),
    "saved.residency": _("居住关系"),
    "saved.title": _("已保存 {name} · {house}"),
    "sex.man": _("男"),
    "sex.woman": _("女"),
    "state.arrived": _("已上报"),
    "state.broken": _("无法读取"),
    "state.conflict": _("有冲突,待选择"),
    "state.delivered": _("已送达"),
    "state.editing": _("草稿"),
    "state.held": _("上级退回"),
    "state.queued": _("待发送"),
    "state.refused": _("未通过,待修改"),
    "yes": _("是"),
}

PANES: tuple[dict[str, Promise], ...] = (likeness.WORDS, readers.WORDS, verification.WORDS)


def words() -> dict[str, str]:
    """All of them, and those of the panes, in the language of the request."""
    return {key: str(text) for some in (WORDS, *PANES) for key, text in some.items()}
