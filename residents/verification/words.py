"""What the pane and the review say of pictures, and the pane's own words for its script."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from faces.quality import Code

HINTS: dict[str, Promise] = {
    Code.NO_FACE: _("没有看到人脸,请正对镜头"),
    Code.SEVERAL: _("画面里不止一个人,请旁人离开画面"),
    Code.OTHERS: _("背景里还有人脸,尽量避开"),
    Code.SMALL: _("离镜头太远,请靠近一些"),
    Code.CUT: _("脸没有拍全,请居中"),
    Code.TURNED: _("请把脸转正"),
    Code.DARK: _("光线太暗,请面向光源"),
    Code.BRIGHT: _("光线太强,请避开直射光"),
    Code.BLURRED: _("画面模糊,请保持不动或擦拭镜头"),
    Code.WEAK: _("面部不够清楚,请摘下帽子、口罩并正对镜头"),
}
CARD_HINTS: dict[str, Promise] = {
    Code.NO_FACE: _("证件照片里找不到人脸"),
    Code.SMALL: _("证件照片偏小,容易误判,请尽量使用读卡器"),
}
GOOD = _("可以拍照")


def told(codes: Iterable[str], *, card: bool = False) -> list[str]:
    """Hints in words; a code of an older version says nothing."""
    words = CARD_HINTS if card else HINTS
    return [str(words[code]) for code in codes if code in words]


WORDS: dict[str, Promise] = {
    "face.idle": _("打开摄像头拍照,或选择照片文件"),
    "face.denied": _("摄像头不可用,请检查权限或改用文件上传。"),
    "face.starting": _("正在打开摄像头…"),
    "face.good": GOOD,
    "face.offline": _("离线:拍照照常,质量提示和核验在联网后进行"),
    "face.no_models": _("没有装入人脸模型,核验记为未做;可继续提交"),
    "face.shoot_anyway": _("再按一次仍要拍照"),
    "face.unreadable": _("这个文件不是可用的照片,请换一张"),
    "face.no_card": _("没有证件照片,核验记为未做"),
    "face.need_consent": _("本人单独同意后才能核验:请出示告知书,同意后勾选"),
    "face.checking": _("正在核验…"),
    "face.failed": _("核验没有完成,提交时会再做一次"),
    "face.passed": _("人证相符"),
    "face.below": _("低于阈值:不能确认是同一人"),
    "face.score": _("相似度 {score},阈值 {threshold}"),
    "face.seconds": _("用时 {seconds} 秒"),
    "face.refused": _("本人不同意拍照:核验记为未做,可用证件、门禁卡等方式办理"),
}
