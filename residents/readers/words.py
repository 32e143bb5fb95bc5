"""What the reading pane says: key -> words (static/desk/words.js). Every error says what happened and what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Promise] = {
    "reader.read": _("读卡"),
    "reader.stop": _("停止读卡"),
    "reader.idle": _("放好证件后按 F2 或“读卡”。"),
    "reader.none": _("这台电脑还没有选择读卡器,也可以直接手工填写。"),
    "reader.waiting": _("请放卡……还有 {n} 秒"),
    "reader.done": _("已读卡:{kind}"),
    "reader.stopped": _("已停止读卡。"),
    "reader.testing": _("正在测试连接……"),
    "reader.works": _("连接正常,可以读卡。"),
    "reader.chosen": _("已保存:这台电脑使用 {name}。"),
    "reader.kind.resident": _("居民身份证"),
    "reader.kind.hmt": _("港澳台居民居住证"),
    "reader.kind.foreigner2017": _("外国人永久居留身份证(2017 版)"),
    "reader.kind.foreigner2023": _("外国人永久居留身份证(2023 版)"),
    "reader.state.ready": _("就绪"),
    "reader.state.busy": _("读卡中"),
    "reader.state.ok": _("成功"),
    "reader.state.warn": _("请核对"),
    "reader.state.bad": _("未读到"),
    "reader.state.off": _("未设置"),
    "reader.notice.photo-missing": _("卡内照片没有读出,请现场拍照。"),
    "reader.notice.photo-not-decoded": _("卡内照片没有解码(需要读卡器厂家的解码程序),请现场拍照。"),
    "reader.notice.newest-address": _("卡内的最新住址没有读出,请当面核对住址。"),
    "reader.notice.number-check": _("证件号码的校验码不符,请核对各位数字。"),
    "reader.notice.birth-differs": _("出生日期与证件号码不一致,请核对。"),
    "reader.error.unchosen": _("还没有选择读卡器。请按“换读卡器”选择本机的读卡器。"),
    "reader.error.offline": _("连不上读卡服务。请确认读卡器的服务程序已在本机启动,再按 F2。"),
    "reader.error.insecure": _("浏览器只允许 https 页面读卡。请用 https 地址打开门户。"),
    "reader.error.permission": _(
        "浏览器没有允许本页访问本机设备。请点地址栏左侧的图标,把“本地网络访问”改为允许,再按 F2。"
    ),
    "reader.error.forbidden": _(
        "读卡服务在运行,但没有允许本网站。本系统的读卡程序请用 --origin {origin} 启动;厂家的服务请升级到支持网页调用的版本。"
    ),
    "reader.error.address": _("读卡服务的地址不对。只能是本机地址,并且是门户允许的端口,如 {address}。"),
    "reader.error.token": _("配对码不对。请在“换读卡器”里填写读卡程序首次启动时显示的配对码。"),
    "reader.error.throttled": _("配对码错误次数过多。请一分钟后再试。"),
    "reader.error.busy": _("读卡器正忙。请等上一次读卡结束;如果开着另一个采集台页面,请先关闭。"),
    "reader.error.cancelled": _("已停止读卡。"),
    "reader.error.no-card": _("没有读到卡。请放卡;如果卡已经在读卡器上,请拿起再放,然后按 F2。"),
    "reader.error.not-connected": _("没有找到读卡器。请插好读卡器的连线,再按 F2。"),
    "reader.error.not-answering": _("读卡器没有应答。请检查连线和电源,拔插读卡器后再按 F2。"),
    "reader.error.unreadable": _("卡没有读好。请拿起卡平放,不要移动,再按 F2;如仍不行,请手工填写。"),
    "reader.error.card-refused": _("卡与读卡器的认证没有通过。请拿起卡重放;如仍不行,此卡可能已损坏,请手工填写。"),
    "reader.error.card-kind": _("不认识这种卡。请放身份证、居住证或外国人永久居留身份证,或手工填写。"),
    "reader.error.reader-fault": _("读卡器报告故障。请拔插读卡器后再试;如仍不行,请联系厂家。"),
    "reader.error.bad-answer": _("读卡服务的应答看不懂,没有填入任何内容。请确认选对了读卡器种类,或手工填写。"),
    "reader.error.stopping": _("读卡程序正在退出。请重新启动读卡程序,再按 F2。"),
}
