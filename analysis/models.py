"""Archives: one for each unknown person (B.8) and unknown vehicle (B.9) that keeps coming."""

import uuid
from datetime import datetime, timedelta
from functools import partial

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.watch import Watched
from community.models import Community
from community.querysets import ScopedQuerySet, scoped
from devices.models import PersonPassage, VehiclePassage
from guomi.pictures import EncryptedPictureField
from standard import codes

RECENT_TRACKS = 10  # B.8
FREQUENCY_DAYS = 30  # B.8, B.9


class StrangerQuerySet(ScopedQuerySet):
    verb = "view_people"

    def unseen_since(self, moment: datetime) -> "StrangerQuerySet":
        """Archives under which nobody came since."""
        seen = PersonPassage.objects.filter(at__gte=moment).exclude(archive_no="")
        return self.exclude(
            pk__in=[uuid.UUID(number) for number in seen.values_list("archive_no", flat=True).distinct()]
        )


class StrangerArchive(Watched):
    """陌生人档案. Its id as 32 hexadecimal digits is the archive number its passages carry (dabh)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="strangers")
    first_passage_at = models.DateTimeField(_("首次出入时间"))
    photo1 = EncryptedPictureField(_("档案照片1"))
    photo2 = EncryptedPictureField(_("档案照片2"), blank=True)
    photo3 = EncryptedPictureField(_("档案照片3"), blank=True)
    suspected_resident = models.BooleanField(
        _("疑似社区居住"), default=True, help_text=_("勾选后作为疑似社区居住陌生人上报")
    )
    created_at = models.DateTimeField(_("建档时间"), auto_now_add=True)
    objects = StrangerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("陌生人档案")
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.archive_no[:8]

    @property
    def archive_no(self) -> str:
        """档案编号 as the wire writes it: 32 digits."""
        return self.id.hex

    def passages(self) -> models.QuerySet:
        """Its ways in and out, newest first."""
        return PersonPassage.objects.filter(community=self.community_id, archive_no=self.archive_no).order_by("-at")

    def frequency(self, now: datetime) -> int:
        """Passages of the last 30 days."""
        return self.passages().filter(at__gt=now - timedelta(days=FREQUENCY_DAYS)).count()


class VehicleArchive(Watched):
    """未登记车辆档案, by plate."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="unknown_vehicles")
    plate = models.CharField(_("车牌号码"), max_length=15)
    plate_colour = models.CharField(
        _("车牌颜色"), max_length=1, choices=partial(codes.choices, "plate_colour"), blank=True
    )
    first_passage_at = models.DateTimeField(_("首次出入时间"))
    suspected_resident = models.BooleanField(_("疑似社区车辆"), default=True, help_text=_("勾选后作为疑似社区车辆上报"))
    created_at = models.DateTimeField(_("建档时间"), auto_now_add=True)
    objects = scoped("view_vehicles").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("未登记车辆")
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "plate", "plate_colour"], name="vehicle_archive_once")
        ]

    def __str__(self) -> str:
        return self.plate

    def frequency(self, now: datetime) -> int:
        """Passages of the last 30 days."""
        seen = VehiclePassage.objects.filter(community=self.community_id, plate=self.plate)
        return seen.filter(at__gt=now - timedelta(days=FREQUENCY_DAYS)).count()
