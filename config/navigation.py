"""What stands where: one declaration for the head of the portal's own pages and for the admin's side bar (SCREENS.md).

A group is shown when at least one of its links is; a link, when the user holds its verb somewhere.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import verbs_of


class Link(NamedTuple):
    """A page: its title, its icon's name, its URL name and the verb it needs ("" is everybody who signed in)."""

    title: Promise
    icon: str
    to: str
    verb: str = ""


class Group(NamedTuple):
    """Links under one title; on the portal's own pages the first of them stands for all."""

    title: Promise
    links: tuple[Link, ...]


GROUPS = (
    Group(_("工作台"), (Link(_("工作台"), "dashboard", "dashboard:home"),)),
    Group(
        _("采集台"),
        (
            Link(_("采集台"), "badge", "residents:collect", "collect"),
            Link(_("工作清单"), "checklist_rtl", "residents:work", "collect"),
            Link(_("我的采集"), "fact_check", "residents:mine", "collect"),
            Link(_("人证复核"), "how_to_reg", "residents:face_checks", "edit_people"),
            Link(_("导入"), "upload_file", "community:imports", "edit_people"),
        ),
    ),
    Group(
        _("小区与房屋"),
        (
            Link(_("房屋"), "home", "admin:community_house_changelist", "view_place"),
            Link(_("房态图"), "grid_view", "residents:buildings", "view_people"),
            Link(_("楼栋"), "apartment", "admin:community_building_changelist", "view_place"),
            Link(_("小区"), "location_city", "admin:community_community_changelist", "view_place"),
            Link(_("出入口"), "door_front", "admin:community_gate_changelist", "view_place"),
            Link(_("单位"), "corporate_fare", "admin:community_organisation_changelist", "view_place"),
            Link(_("水电煤用量"), "water_drop", "admin:community_meterreading_changelist", "edit_place"),
        ),
    ),
    Group(
        _("人员"),
        (
            Link(_("人员"), "group", "admin:residents_person_changelist", "view_people"),
            Link(_("居住关系"), "family_restroom", "admin:residents_residency_changelist", "view_people"),
            Link(_("从业人员"), "engineering", "admin:residents_worker_changelist", "view_people"),
            Link(_("过人记录"), "directions_walk", "admin:devices_personpassage_changelist", "view_people"),
            Link(_("陌生人档案"), "person_search", "admin:analysis_strangerarchive_changelist", "view_people"),
            Link(_("疑似重复"), "difference", "residents:duplicates", "edit_people"),
            Link(_("合并记录"), "merge", "residents:merges", "edit_people"),
            Link(_("告知与同意"), "handshake", "admin:residents_consent_changelist", "view_people"),
            Link(_("人证核验记录"), "recent_actors", "admin:residents_facecheck_changelist", "view_people"),
            Link(_("告知书"), "description", "admin:residents_notice_changelist", "handle_rights"),
            Link(_("敏感选填项"), "toggle_on", "admin:residents_optionalfield_changelist", "handle_rights"),
            Link(_("权利请求"), "gavel", "residents:rights", "handle_rights"),
        ),
    ),
    Group(
        _("车辆"),
        (
            Link(_("车辆"), "directions_car", "admin:residents_vehicle_changelist", "view_vehicles"),
            Link(_("过车记录"), "traffic", "admin:devices_vehiclepassage_changelist", "view_vehicles"),
            Link(_("未登记车辆"), "no_crash", "admin:analysis_vehiclearchive_changelist", "view_vehicles"),
        ),
    ),
    Group(_("设备"), (Link(_("设备"), "videocam", "admin:devices_device_changelist", "view_devices"),)),
    Group(
        _("上报中心"),
        (
            Link(_("上报中心"), "cloud_upload", "uploads:center", "view_delivery"),
            Link(_("上传达标"), "checklist", "dashboard:table1", "view_delivery"),
            Link(_("上报记录"), "list_alt", "admin:uploads_due_changelist", "view_delivery"),
            Link(_("上报回执"), "receipt_long", "admin:uploads_receipt_changelist", "view_delivery"),
            Link(_("上级数据"), "cloud_download", "admin:uploads_upperrecord_changelist", "view_delivery"),
            Link(_("上级平台"), "dns", "admin:uploads_upperplatform_changelist", "configure_upper"),
            Link(_("扩展接口"), "extension", "admin:uploads_loadedinterface_changelist", "configure_upper"),
        ),
    ),
    Group(
        _("审计"),
        (
            Link(_("审计"), "policy", "audit:timeline", "view_audit"),
            Link(_("异常行为"), "report", "audit:unusual", "view_audit"),
            Link(_("案卷"), "folder_open", "audit:folders", "view_audit"),
            Link(_("日志状态"), "verified_user", "audit:state", "view_audit"),
            Link(_("审计记录"), "list_alt", "admin:audit_entry_changelist", "view_audit"),
        ),
    ),
    Group(
        _("系统"),
        (
            Link(_("账号"), "manage_accounts", "admin:accounts_user_changelist", "manage_accounts"),
            Link(_("接口令牌"), "key", "admin:accounts_apitoken_changelist", "manage_accounts"),
            Link(_("岗位"), "assignment_ind", "admin:community_post_changelist", "manage_accounts"),
            Link(_("保存期限"), "auto_delete", "accounts:periods", "manage_system"),
        ),
    ),
)


def allowed(request: HttpRequest) -> Iterator[tuple[Group, tuple[Link, ...]]]:
    """The groups of this user, each with the links he may follow."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return
    verbs = verbs_of(user)
    for group in GROUPS:
        links = tuple(link for link in group.links if not link.verb or link.verb in verbs)
        if links:
            yield group, links


def menu(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `menu`, one entry a group, for the head of the portal's own pages."""
    return {"menu": [{"title": group.title, "url": reverse(links[0].to)} for group, links in allowed(request)]}


def _item(request: HttpRequest, link: Link) -> dict[str, Any]:
    """Told which is active: left to itself, the front page's "/" would be part of every address."""
    url = reverse(link.to)
    return {"title": link.title, "icon": link.icon, "link": url, "active": url != "/" and request.path.startswith(url)}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The admin's side bar: groups of one link need no title."""
    return [
        {
            "title": group.title if len(links) > 1 else None,
            "items": [_item(request, link) for link in links],
        }
        for group, links in allowed(request)
    ]
