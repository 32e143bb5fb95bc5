"""Equipment and its true state: B.6.1 and B.6.3."""

import uuid
from functools import partial

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.watch import Watched
from community import validators
from community.models import Building, Community, Gate
from community.querysets import history, scoped
from guomi.fields import EncryptedTextField
from standard import codes

text = validators.validate_plain_text


class Device(Watched):
    """设备. Its account is kept encrypted and never goes up (quirk B.6.1-q07); unheard of, it counts as off line (q13)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="devices")
    gate = models.ForeignKey(
        Gate, models.SET_NULL, verbose_name=_("出入口"), related_name="devices", null=True, blank=True
    )
    building = models.ForeignKey(Building, models.SET_NULL, verbose_name=_("楼栋"), null=True, blank=True)
    code = models.CharField(
        _("设备编码"), max_length=64, validators=[validators.validate_code], help_text=_("有国标编码的用 20 位国标编码")
    )
    name = models.CharField(_("设备名称"), max_length=100, validators=[text])
    type = models.CharField(
        _("设备类型"), max_length=2, blank=True, choices=partial(codes.choices, "device_type"),
        help_text=_("附录表 C.16;表中没有的留空,只在本机登记,不上报"),
    )  # fmt: skip
    local_kind = models.CharField(_("其他类型"), max_length=50, blank=True, validators=[text])
    maker = models.CharField(_("设备厂商"), max_length=100, blank=True, validators=[text])
    online_status = models.CharField(
        _("在线状态"), max_length=1, choices=partial(codes.choices, "online_status"), default="2"
    )
    use_status = models.CharField(
        _("使用状态"), max_length=2, choices=partial(codes.choices, "use_status"), default="30"
    )
    built_at = models.DateTimeField(_("建设时间"), null=True, blank=True)
    mac = models.CharField(_("设备MAC"), max_length=17, blank=True, validators=[text])
    ip = models.GenericIPAddressField(_("设备IP"), null=True, blank=True)
    port = models.PositiveIntegerField(_("设备端口"), null=True, blank=True, validators=[MaxValueValidator(65535)])
    username = EncryptedTextField(_("用户名"), max_length=100, blank=True, purpose="device")
    password = EncryptedTextField(_("密码"), max_length=100, blank=True, purpose="device")
    longitude = models.DecimalField(
        _("设备经度"), max_digits=9, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )  # fmt: skip
    latitude = models.DecimalField(
        _("设备纬度"), max_digits=9, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )  # fmt: skip
    networked = models.BooleanField(_("是否与公安联网"), null=True, blank=True)
    description = models.CharField(_("设备描述"), max_length=200, blank=True, validators=[text])
    remark = models.CharField(_("备注"), max_length=200, blank=True, validators=[text])
    history = history()
    objects = scoped("view_devices").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("设备")
        ordering = ["community_id", "code"]
        constraints = [models.UniqueConstraint(fields=["community", "code"], name="device_code_once")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if errors := validators.of_other_communities(self, "gate", "building"):
            raise ValidationError(errors)


# Django looks for models here; happenings have a module of their own.
from devices.passages import PersonPassage, VehiclePassage  # noqa: E402, F401
