"""The front page 工作台: what a user's posts let him see, each number a door to the list behind it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import verbs_of
from accounts.reveals import exhausted_today
from accounts.tampering import damaged_today
from audit.models import Entry
from audit.review import standing
from community.models import House
from devices.models import Device
from residents.desk import worklist
from residents.models import Case, Person, Residency
from residents.verification import forgetting
from uploads.models import Due, UpperRecord


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """A fixed number of queries, whatever the size of the register."""
    user, verbs = request.user, verbs_of(request.user)
    tiles: list[dict[str, Any]] = []
    context: dict[str, Any] = {"tiles": tiles}
    if "view_people" in verbs:
        context["registered"] = _registered(user, tiles)
        people = Person.objects.visible_to(user).aggregate(
            all=Count("*"), faceless=Count("community", filter=Q(photo=""))
        )
        people_list = reverse("admin:residents_person_changelist")
        tiles.append(_tile(_("在册人员"), people["all"], people_list))
        tiles.append(_tile(_("缺照片"), people["faceless"], people_list, "warn"))
    if "collect" in verbs:
        own = worklist.missing(user, now=timezone.now())
        tiles.append(_tile(_("我采集的未送达"), own, reverse("residents:mine"), "warn"))
    if "handle_rights" in verbs:
        today = timezone.localdate()
        cases = Case.objects.visible_to(user).open()
        counts = cases.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
        tiles.append(
            _tile(_("待办权利请求"), counts["open"], reverse("residents:rights"), "bad" if counts["late"] else "")
        )
    if "view_delivery" in verbs:
        due = Due.objects.visible_to(user)
        tiles.append(_tile(_("待上报"), due.pending().count(), reverse("uploads:center")))
        tiles.append(_tile(_("上报退回待处理"), due.held().count(), reverse("uploads:center"), "bad"))
        disagreeing = UpperRecord.objects.visible_to(user).exclude(differs=[]).count()
        differs = reverse("admin:uploads_upperrecord_changelist") + "?compared=differs"
        tiles.append(_tile(_("与上级不一致"), disagreeing, differs, "warn"))
    if "view_devices" in verbs:
        silent = Device.objects.visible_to(user).exclude(online_status="1").count()
        tiles.append(_tile(_("设备不在线"), silent, reverse("admin:devices_device_changelist"), "bad"))
    if "manage_system" in verbs:
        faces = forgetting.faces_held()
        tone = "bad" if faces >= forgetting.WARNED else ""
        tiles.append(_tile(_("存有人脸的人数(满 10 万须备案)"), faces, reverse("accounts:periods"), tone))
    if "manage_accounts" in verbs:
        exhausted = exhausted_today(timezone.now())
        tiles.append(_tile(_("今天用完查看次数的人"), exhausted, reverse("admin:accounts_user_changelist"), "bad"))
    if "view_audit" in verbs:
        entries = reverse("audit:timeline")
        tiles.append(_tile(_("审计记录"), Entry.objects.visible_to(user).count(), entries))
        damaged = damaged_today(user, timezone.now())
        tiles.append(_tile(_("今天发现无法解密的记录"), damaged, f"{entries}?action=damaged", "bad"))
        context["lights"] = standing.lights(timezone.now())
    return render(request, "dashboard/home.html", context)


def _tile(title: str, value: int, link: str, tone: str = "") -> dict[str, Any]:
    return {"title": title, "value": value, "link": link, "tone": tone if value else ""}


def _registered(user: Any, tiles: list[dict[str, Any]]) -> dict[str, int]:
    """How many houses have somebody registered, as numbers for the bar."""
    lived_in = Residency.objects.filter(house=OuterRef("pk"), moved_out__isnull=True)
    visible = House.objects.visible_to(user)
    found = {"all": visible.count(), "lived": visible.filter(Exists(lived_in)).count()}
    houses = reverse("admin:community_house_changelist")
    tiles.append(_tile(_("房屋"), found["all"], houses))
    tiles.append(_tile(_("无人登记的房屋"), found["all"] - found["lived"], houses, "warn"))
    share = round(100 * found["lived"] / found["all"]) if found["all"] else 0
    return {"lived": found["lived"], "all": found["all"], "share": share}
