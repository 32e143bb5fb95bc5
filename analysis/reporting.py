"""What goes up of archives: people (B.8) and vehicles (B.9) that seem to live here and are registered nowhere."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.models import RECENT_TRACKS, StrangerArchive, VehicleArchive
from devices.passages import ENTERING
from standard import wire
from uploads.offers import Offer, offer
from uploads.reports import Context, Incomplete, Report, register

NOT_SUSPECTED = [("archive_no", "未标记为疑似,不上报")]


@register
class StrangerReport(Report):
    """疑似社区居住陌生人: up to three pictures and the last ten tracks."""

    name = "stranger"
    interface = "B.8"
    model = StrangerArchive
    title = _("疑似居住陌生人")
    after = ("device", "person_passage")

    def record(self, archive: StrangerArchive, context: Context) -> dict[str, Any]:
        if not archive.suspected_resident:
            raise Incomplete(NOT_SUSPECTED)
        tracks = list(archive.passages().select_related("device")[:RECENT_TRACKS])
        if not tracks:
            raise Incomplete([("recent_tracks", "还没有出入轨迹")])
        pictures = (archive.photo1, archive.photo2, archive.photo3)
        return {
            "archive_no": archive.archive_no,
            "first_passage_at": archive.first_passage_at,
            **{f"archive_photo_{n}_base64": one.read_clear() if one else None for n, one in enumerate(pictures, 1)},
            "recent_tracks": [self._track(passage) for passage in tracks],
            "passage_count_30d": str(archive.frequency(context.now)),
        }

    @staticmethod
    def _track(passage: Any) -> dict[str, Any]:
        return {
            "track_id": passage.pk.hex,
            "device_code": passage.device.code,
            "device_name": passage.device.name,
            "device_location": passage.device.description,
            "entered_at" if passage.direction == ENTERING else "left_at": passage.at,
        }


@register
class SuspectVehicleReport(Report):
    """疑似社区车辆."""

    name = "suspect_vehicle"
    interface = "B.9"
    model = VehicleArchive
    title = _("疑似社区车辆")

    def record(self, archive: VehicleArchive, context: Context) -> dict[str, Any]:
        if not archive.suspected_resident:
            raise Incomplete(NOT_SUSPECTED)
        return {
            "plate_number": archive.plate,
            "first_passage_at": archive.first_passage_at,
            "passage_count_30d": str(archive.frequency(context.now)),
        }


@offer
class StrangerArchiveOffer(Offer):
    """小区人员归档信息."""

    name = "stranger_archive"
    item = "15"
    model = StrangerArchive
    title = _("小区人员归档信息")
    verb = "view_people"
    keys = {"archive_no": _("档案编号"), "first_passage_at": _("首次出入时间")}

    def values(self, archive: StrangerArchive) -> dict[str, Any]:
        return {"archive_no": archive.archive_no, "first_passage_at": archive.first_passage_at}

    def shown(self, archive: StrangerArchive) -> dict[str, Any]:
        return self.values(archive) | {"first_passage_at": wire.moment(archive.first_passage_at)}


@offer
class VehicleArchiveOffer(Offer):
    """小区车辆归档信息."""

    name = "vehicle_archive"
    item = "18"
    model = VehicleArchive
    title = _("小区车辆归档信息")
    verb = "view_vehicles"
    keys = {"plate_number": _("车牌号"), "plate_color_code": _("车牌颜色"), "first_passage_at": _("首次出入时间")}

    def values(self, archive: VehicleArchive) -> dict[str, Any]:
        return {
            "plate_number": archive.plate,
            "plate_color_code": archive.plate_colour,
            "first_passage_at": archive.first_passage_at,
        }

    def shown(self, archive: VehicleArchive) -> dict[str, Any]:
        return self.values(archive) | {"first_passage_at": wire.moment(archive.first_passage_at)}
