"""The kinds of reader a workstation can have, as a person knows them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its key in static/desk/readers/, its name, the usual address of its service, whether it wants a code."""

    key: str
    name: Promise
    address: str
    paired: bool = False


KINDS = (
    Kind("bridge", _("串口读卡器(本系统的读卡程序)"), "http://127.0.0.1:19197", paired=True),
    Kind("xzx", _("新中新(XZX_WEBAPI 服务)"), "http://localhost:8989"),
    Kind("cvr100", _("华视 CVR-100(网页读卡服务)"), "http://127.0.0.1:19196"),
    Kind("ws", _("鱼住及同类(WebSocket 服务)"), "ws://127.0.0.1:30004/ws"),
)
