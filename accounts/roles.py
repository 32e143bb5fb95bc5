"""The eight roles and what each may do: change this table and nothing else.

A verb is an object permission on a community (`community.<verb>`); a post (community.Post) grants a role's verbs for
one community or for all. The three administrators (三员) hold disjoint duties and see nobody's data; guards and device
operators never see people.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its code, its name on the screen, its verbs."""

    code: str
    name: Promise
    verbs: frozenset[str]


VERBS: dict[str, Promise] = {
    "view_place": _("查看小区与房屋"),
    "edit_place": _("维护小区与房屋"),
    "view_people": _("查看人员(脱敏)"),
    "edit_people": _("维护人员"),
    "collect": _("采集登记"),
    "view_vehicles": _("查看车辆(脱敏)"),
    "edit_vehicles": _("维护车辆"),
    "view_devices": _("查看设备"),
    "edit_devices": _("维护设备"),
    "view_pictures": _("查看人像与证照图片"),
    "reveal": _("查看明文(须填理由)"),
    "handle_rights": _("办理个人信息权利请求"),
    "view_delivery": _("查看上报情况"),
    "configure_upper": _("配置上级平台"),
    "view_audit": _("查看审计日志"),
    "manage_accounts": _("管理账号与岗位"),
    "manage_system": _("管理系统"),
}


def _role(code: str, name: Promise, verbs: str) -> Role:
    held = frozenset(verbs.split())
    if unknown := held - set(VERBS):
        raise ValueError(f"{code}: unknown verbs {sorted(unknown)}")
    return Role(code, name, held)


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role(
            "manager",
            _("物业经理"),
            "view_place edit_place view_people edit_people collect view_vehicles edit_vehicles view_devices edit_devices "
            "view_pictures reveal handle_rights view_delivery",
        ),
        _role(
            "collector",
            _("居委会采集员"),
            "view_place view_people edit_people collect view_vehicles edit_vehicles view_pictures reveal view_delivery",
        ),
        _role("guard", _("门岗"), "view_place view_devices"),
        _role("operator", _("设备运维"), "view_place view_devices edit_devices"),
        _role(
            "police",
            _("民警"),
            "view_place view_people view_vehicles view_devices view_pictures reveal view_delivery view_audit",
        ),
        _role("system_admin", _("系统管理员"), "manage_system configure_upper view_delivery"),
        _role("security_admin", _("安全管理员"), "manage_accounts"),
        _role("audit_admin", _("审计管理员"), "view_audit"),
    )
}
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})


def choices() -> list[tuple[str, Promise]]:
    """(code, name) of every role, for a form."""
    return [(role.code, role.name) for role in ROLES.values()]
