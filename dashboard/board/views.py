"""The pages of table 1: the matrix, the same as CSV, and the items no interface carries as JSON lines."""

import csv
import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import access
from audit import log
from community.models import Community
from dashboard.board.holdings import SOURCES
from dashboard.board.scoring import Board, Line, board
from standard.requirements import TIERS, table1
from uploads import loaded, offers
from uploads.models import Due

VERB = "view_delivery"


def _places(request: HttpRequest) -> Any:
    return access.limit(Community.objects.all(), request.user, VERB, "pk").order_by("name")


def _chosen(request: HttpRequest) -> Community:
    places, wanted = _places(request), request.GET.get("community", "")[:18]
    place = places.filter(pk=int(wanted)).first() if wanted.isascii() and wanted.isdigit() else places.first()
    if place is None:
        raise Http404
    return place


def _tier(request: HttpRequest, place: Community) -> str:
    tier = request.GET.get("tier", "")
    return tier if tier in TIERS else place.tier


def _board(place: Community, tier: str) -> Board:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    figures = Due.objects.filter(community_id=place.pk).figures(midnight)
    sources = {source: source(place) for source in set(SOURCES.values())}
    holdings = {number: sources[source] for number, source in SOURCES.items()}
    carried = {one.no: holdings[one.no].reports for one in table1() if one.interfaces and one.no in holdings}
    return board(table1(), tier, holdings, figures, carried | loaded.carried())


@require_GET
@login_required
def matrix(request: HttpRequest) -> HttpResponse:
    """All 32 items for one community and tier."""
    place = _chosen(request)
    tier = _tier(request, place)
    context = {
        "place": place, "tier": tier, "tiers": Community.Tier.choices, "places": _places(request)[:200],
        "board": _board(place, tier), "exportable": set(offers.of_items()), "now": timezone.now(),
    }  # fmt: skip
    return render(request, "dashboard/table1.html", context)


HEAD = ("序号", "上传项", "达标型", "优选型", "示范型", "接口", "记录数", "完整率", "最新", "已上报", "被退回", "缺口")
MARKS = {"required": "应", "optional": "可", "none": ""}


@require_GET
@login_required
def as_csv(request: HttpRequest) -> HttpResponse:
    """The matrix for a spreadsheet."""
    place = _chosen(request)
    log.write_now("export_item", target=place, community_id=place.pk, detail={"item": "table1"}, request=request)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="table1-{place.registration_code}.csv"'
    writer = csv.writer(response)
    writer.writerow(HEAD)
    writer.writerows(_cells(line) for line in _board(place, _tier(request, place)).lines)
    return response


def _cells(line: Line) -> list[str]:
    def share(value: float | None) -> str:
        return "" if value is None else f"{value:.1%}"

    item, holding = line.item, line.holding
    fresh = f"{timezone.localtime(holding.fresh):%Y-%m-%d %H:%M:%S}" if holding and holding.fresh else ""
    gaps = ";".join(f"{gap.title} {gap.count}" for gap in holding.gaps) if holding else "未纳入"
    demands = [MARKS[one] for one in (item.basic, item.preferred, item.demonstration)]
    return [
        item.no, item.name_zh, *demands, " ".join(item.interfaces), str(line.held), share(line.complete), fresh,
        share(line.delivered), share(line.refused), gaps,
    ]  # fmt: skip


@require_GET
@login_required
def export_item(request: HttpRequest, number: str) -> HttpResponse:
    """The records of an item that no interface carries, one JSON object a line (docs/table1-export.md)."""
    place, export = _chosen(request), offers.of_items().get(number)
    if export is None or not access.verb_holds(request.user, export.verb, place.pk):
        raise Http404
    rows = list(export.rows(place))
    log.write_now(
        "export_item", target=place, community_id=place.pk, detail={"item": number, "rows": len(rows)}, request=request
    )
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    response = HttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="table1-{number}-{place.registration_code}.jsonl"'
    response["Cache-Control"] = "no-store"
    return response
