"""Happenings at doors and lanes: who came through (B.2.3), which vehicle (B.5.3). One record for each way, in or out."""

import uuid
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.watch import Watched
from community.models import Community, Lane
from community.querysets import scoped
from community.validators import of_other_communities
from guomi.pictures import EncryptedPictureField
from residents.models import Person, Vehicle
from standard import codes
from standard.numbers import NumberError, plate

FACE, SUCCEEDED, STRANGER = "10", "1", "5"  # of C.11, C.12, C.7: what a face capture without a door is
ENTERING = "1"
archive_number = RegexValidator(r"^[0-9A-Fa-f]{32}$", _("档案编号为 32 位十六进制数"))


class PersonPassage(Watched):
    """过人记录. Whom the device recognised, or the archive of an unknown person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="person_passages")
    device = models.ForeignKey("devices.Device", models.PROTECT, verbose_name=_("设备"), related_name="person_passages")
    direction = models.CharField(
        _("出入类型"), max_length=1, choices=partial(codes.choices, "passage_direction"), default=ENTERING
    )
    at = models.DateTimeField(_("时间"))
    person = models.ForeignKey(
        Person, models.CASCADE, verbose_name=_("人员"), related_name="passages", null=True, blank=True
    )
    archive_no = models.CharField(
        _("档案编号"),
        max_length=32,
        blank=True,
        default="",
        validators=[archive_number],
        help_text=_("未登记人员的档案"),
    )
    open_method = models.CharField(
        _("开门方式"), max_length=2, choices=partial(codes.choices, "door_open_method"), default=FACE
    )
    open_status = models.CharField(
        _("开门状态"), max_length=1, choices=partial(codes.choices, "door_open_result"), default=SUCCEEDED
    )
    occupant_type = models.CharField(
        _("住户类型"), max_length=1, choices=partial(codes.choices, "occupant_type"), default=STRANGER
    )
    at_gate = models.BooleanField(_("在大门"), default=True, help_text=_("否则在单元门"))
    photo = EncryptedPictureField(_("抓拍照片"), blank=True)
    panorama = EncryptedPictureField(_("抓拍全景照片"), blank=True)
    received_at = models.DateTimeField(_("收到时间"), auto_now_add=True)
    objects = scoped("view_people").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("过人记录")
        ordering = ["-at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(archive_no=""), name="person_passage_one_of",
                violation_error_message=_("人员和档案编号只填一项。"),
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["community", "-at"], name="person_passage_newest"),
            models.Index(fields=["archive_no", "-at"], name="person_passage_archive", condition=~Q(archive_no="")),
            models.Index(fields=["at"], name="person_passage_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.pk}"

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if not self.person_id and not self.archive_no:
            errors["person"] = _("请选择人员,或填写未登记人员的档案编号。")
        errors |= of_other_communities(self, "device", "person")
        if errors:
            raise ValidationError(errors)


class VehiclePassage(Watched):
    """过车记录."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="vehicle_passages")
    device = models.ForeignKey(
        "devices.Device", models.PROTECT, verbose_name=_("设备"), related_name="vehicle_passages"
    )
    lane = models.ForeignKey(Lane, models.SET_NULL, verbose_name=_("车道"), null=True, blank=True)
    direction = models.CharField(
        _("出入类型"), max_length=1, choices=partial(codes.choices, "passage_direction"), default=ENTERING
    )
    at = models.DateTimeField(_("时间"))
    plate = models.CharField(_("车牌号码"), max_length=15)
    plate_colour = models.CharField(
        _("车牌颜色"), max_length=1, choices=partial(codes.choices, "plate_colour"), blank=True
    )
    brand = models.CharField(_("车辆品牌"), max_length=3, choices=partial(codes.choices, "vehicle_brand"), blank=True)
    type = models.CharField(_("车辆类型"), max_length=3, choices=partial(codes.choices, "vehicle_type"), blank=True)
    colour = models.CharField(_("车辆颜色"), max_length=1, choices=partial(codes.choices, "vehicle_colour"), blank=True)
    parking_type = models.CharField(
        _("停车类型"), max_length=1, choices=partial(codes.choices, "parking_type"), default="0"
    )
    passed = models.BooleanField(_("放行"), default=True)
    vehicle = models.ForeignKey(
        Vehicle, models.SET_NULL, verbose_name=_("登记车辆"), related_name="passages", null=True, blank=True
    )
    photo = EncryptedPictureField(_("抓拍照片"), blank=True)
    received_at = models.DateTimeField(_("收到时间"), auto_now_add=True)
    objects = scoped("view_vehicles").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("过车记录")
        ordering = ["-at", "id"]
        indexes = [
            models.Index(fields=["community", "-at"], name="vehicle_passage_newest"),
            models.Index(fields=["plate", "-at"], name="vehicle_passage_plate"),
            models.Index(fields=["at"], name="vehicle_passage_at"),
        ]

    def __str__(self) -> str:
        return f"{self.plate} {self.get_direction_display()}"

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        try:
            self.plate = plate.parse(self.plate).number
        except NumberError as error:
            errors["plate"] = error.message
        errors |= of_other_communities(self, "device", "vehicle", "lane")
        if errors:
            raise ValidationError(errors)


def of_person(person: Person, vehicles: list[Vehicle]) -> list[tuple[type[models.Model], models.QuerySet]]:
    """The ways in and out that are held of a person and his vehicles, newest first: for his own dossier."""
    drove = VehiclePassage.objects.filter(vehicle__in=vehicles).select_related("device", "lane", "vehicle")
    walked = PersonPassage.objects.filter(person=person).select_related("device")
    return [(PersonPassage, walked.order_by("-at")), (VehiclePassage, drove.order_by("-at"))]
