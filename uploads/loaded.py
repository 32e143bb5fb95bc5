"""Interfaces loaded as data: each becomes a report like the declared ones, and is delivered without a line of code.

The rows stand in the database; every process makes them into reports when it begins a pass, a sweep or a page (refresh).
"""

from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from standard import descriptors
from standard.fields import Interface
from uploads import offers, reports
from uploads.models import LoadedInterface
from uploads.offers import Offer
from uploads.reports import Context, Report

PREFIX = "x_"
FIRST = 2000  # records made due at once
_seen: tuple[Any, ...] = ()


class LoadedReport(Report):
    """A report made of an offer and a descriptor."""

    offer: Offer
    told: tuple[str, ...]

    def queryset(self) -> models.QuerySet:
        return self.offer.queryset()

    def record(self, obj: Any, context: Context) -> dict[str, Any]:
        values = self.offer.values(obj)
        return {name: values[name] for name in self.told if name in values}


def problems(interface: Interface, chosen: Offer) -> list[tuple[str, str]]:
    """Why this interface cannot carry these records: (place, Chinese sentence)."""
    found = []
    for one in interface.request:
        if one.en == descriptors.TENANT:
            continue
        if one.en not in chosen.keys and one.required is True:
            found.append((one.en, _("必填,但「%(kind)s」没有这一项") % {"kind": chosen.title}))
        if one.en in chosen.personal and not one.encrypted:
            found.append((one.en, _("是个人信息,只能加密上报:请设 encrypted 为 true")))
    if not any(one.en in chosen.keys for one in interface.request):
        found.append(("request", _("没有一个字段是「%(kind)s」所有的") % {"kind": chosen.title}))
    return found


def report_of(row: LoadedInterface, interface: Interface) -> type[LoadedReport]:
    """The report class of one loaded interface."""
    chosen = offers.get(row.offer)
    returned = next((one.en for one in interface.response if one.en.endswith("_id")), None)
    return type(
        f"Loaded_{row.offer}",
        (LoadedReport,),
        {
            "name": f"{PREFIX}{row.offer}", "interface": interface.clause, "model": chosen.model, "title": chosen.title,
            "community": chosen.community, "touched_by": chosen.touched_by, "on": chosen.on, "upper_id": returned,
            "offer": chosen, "told": tuple(one.en for one in interface.request if one.en in chosen.keys),
        },
    )  # fmt: skip


def refresh() -> bool:
    """Make the enabled rows the loaded interfaces of this process; True when something changed. One small query."""
    global _seen
    rows = list(LoadedInterface.objects.filter(enabled=True).order_by("clause"))
    seen = tuple((row.pk, row.clause, row.offer, row.updated_at) for row in rows)
    if seen == _seen:
        return False
    found = [(row, descriptors.parse(row.descriptor)) for row in rows if row.offer in _known()]
    descriptors.load(interface for _row, interface in found)
    reports.load(report_of(row, interface) for row, interface in found)
    _seen = seen
    return True


def _known() -> set[str]:
    return {one.name for one in offers.every()}


def forget() -> None:
    """As if nothing had been loaded."""
    global _seen
    _seen = ()
    descriptors.load(())
    reports.load(())


def put_to_work() -> None:
    """After a change: the triggers as declared now, and due rows for records already there; a large rest is the sweep's."""
    from uploads import installing, sweeping

    refresh()
    installing.install(connection)
    for report in reports.loaded():
        sweeping.add_missing(report, FIRST)


def carried() -> dict[str, tuple[str, ...]]:
    """Names of the loaded reports by the item of table 1 they carry."""
    refresh()
    return {offers.get(offer).item: (f"{PREFIX}{offer}",) for _pk, _clause, offer, _at in _seen if offer in _known()}
