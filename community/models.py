"""Places: communities, buildings, units, houses (B.3.2), gates, organisations, and who is posted where."""

import uuid
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermission

from accounts import roles
from audit.watch import Watched
from community import validators
from community.querysets import CommunityQuerySet, HouseQuerySet, history, scoped
from guomi.fields import BlindIndexField, EncryptedTextField
from guomi.pictures import EncryptedPictureField
from standard import codes

text = validators.validate_plain_text


class Community(Watched):
    """住宅小区. Kind, mode, level and tier are independent of one another (clauses 4.2 to 4.4, 8.1)."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("封闭式")
        OPEN = "open", _("非封闭式")

    class Mode(models.TextChoices):
        FRONT_END = "front_end", _("无感知前端分析")
        CENTRE = "centre", _("无感知中心分析")

    class Level(models.TextChoices):
        THREE = "3", _("三级")
        TWO = "2", _("二级")
        ONE = "1", _("一级")

    class Tier(models.TextChoices):
        BASIC = "basic", _("达标型")
        PREFERRED = "preferred", _("优选型")
        DEMONSTRATION = "demonstration", _("示范型")

    name = models.CharField(_("小区名称"), max_length=50, validators=[text])
    registration_code = models.CharField(
        _("注册码"),
        max_length=64,
        unique=True,
        validators=[validators.validate_code],
        help_text=_("上级平台分配的小区注册码"),
    )
    kind = models.CharField(_("小区类型"), max_length=8, choices=Kind, default=Kind.CLOSED)
    mode = models.CharField(
        _("建设模式"), max_length=10, choices=Mode, default=Mode.FRONT_END, help_text=_("第 4.2 条")
    )
    level = models.CharField(
        _("防护级别"), max_length=1, choices=Level, default=Level.THREE, help_text=_("三级最低,一级最高")
    )
    tier = models.CharField(
        _("数据上传类型"), max_length=14, choices=Tier, default=Tier.BASIC, help_text=_("第 8.1 条")
    )
    address = models.CharField(_("小区地址"), max_length=200, blank=True, validators=[text])
    history = history()
    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("小区")
        ordering = ["name"]
        permissions = [(verb, label) for verb, label in roles.VERBS.items() if verb != "view_community"]

    def __str__(self) -> str:
        return self.name


class Building(Watched):
    """楼栋."""

    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="buildings")
    number = models.PositiveIntegerField(_("楼号"), validators=[MinValueValidator(1), MaxValueValidator(9999)])
    name = models.CharField(_("名称"), max_length=50, blank=True, validators=[text])
    floors = models.PositiveSmallIntegerField(
        _("层数"), default=1, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    history = history()
    objects = scoped("view_place").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("楼栋")
        ordering = ["community_id", "number"]
        constraints = [models.UniqueConstraint(fields=["community", "number"], name="building_number_once")]

    def __str__(self) -> str:
        return self.name or f"{self.number}号楼"


class Unit(models.Model):
    """单元."""

    building = models.ForeignKey(Building, models.CASCADE, verbose_name=_("楼栋"), related_name="units")
    number = models.PositiveSmallIntegerField(_("单元号"), validators=[MinValueValidator(1), MaxValueValidator(999)])
    objects = scoped("view_place", "building__community_id").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("单元")
        ordering = ["building_id", "number"]
        constraints = [models.UniqueConstraint(fields=["building", "number"], name="unit_number_once")]

    def __str__(self) -> str:
        return f"{self.building} {self.number}单元"


class House(Watched):
    """房屋: all of B.3.2. What names its owner is encrypted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(
        Community, models.PROTECT, verbose_name=_("小区"), related_name="houses", editable=False
    )
    building = models.ForeignKey(Building, models.PROTECT, verbose_name=_("楼栋"), related_name="houses")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("单元"), related_name="houses", null=True, blank=True)
    floor = models.SmallIntegerField(_("楼层"), default=1, validators=[MinValueValidator(-9), MaxValueValidator(200)])
    room = models.CharField(_("房号"), max_length=10, validators=[text])
    address_code = models.CharField(_("地址编码"), max_length=64, blank=True, help_text=_("标准地址编码"))
    address_name = models.CharField(_("地址名称"), max_length=200, blank=True, validators=[text])
    owner_name = EncryptedTextField(
        _("房主姓名"), max_length=50, blank=True, purpose="place", mask="name", validators=[text]
    )
    owner_name_index = BlindIndexField(of="owner_name", normalise="name")
    owner_number = EncryptedTextField(
        _("房主公民身份号码"),
        max_length=18,
        blank=True,
        purpose="place",
        mask="document",
        validators=[validators.validate_identity],
    )
    owner_number_index = BlindIndexField(of="owner_number", normalise="document")
    owner_phone = EncryptedTextField(
        _("房主联系电话"),
        max_length=20,
        blank=True,
        purpose="place",
        mask="phone",
        validators=[validators.validate_phone],
    )
    owner_phone_index = BlindIndexField(of="owner_phone", normalise="phone")
    owner_address = EncryptedTextField(
        _("房主联系地址"), max_length=200, blank=True, purpose="place", mask="address", validators=[text]
    )
    certificate_number = models.CharField(_("房屋产权号"), max_length=100, blank=True, validators=[text])
    certificate = EncryptedPictureField(_("房屋产权证图片"), blank=True)
    rooms = models.PositiveSmallIntegerField(_("房屋间数"), null=True, blank=True, validators=[MaxValueValidator(99)])
    area = models.DecimalField(
        _("房屋面积"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("平方米"),
    )
    category = models.CharField(
        _("房屋类型"),
        max_length=4,
        choices=partial(codes.choices, "house_category"),
        default="10",
        help_text="GA/T 2000.28",
    )
    nature = models.CharField(
        _("房屋性质"),
        max_length=4,
        choices=partial(codes.choices, "house_property_nature"),
        default="2",
        help_text="GA/T 2000.29",
    )
    use = models.CharField(
        _("房屋用途"), max_length=4, choices=partial(codes.choices, "house_use"), default="11", help_text="GB/T 17986.1"
    )
    group_rental = models.BooleanField(_("是否群租居住"), null=True, blank=True)
    lease_status = models.CharField(
        _("租赁状态"),
        max_length=2,
        choices=partial(codes.choices, "lease_status"),
        default="01",
        help_text=_("附录表 C.15"),
    )
    remark = models.CharField(_("备注"), max_length=200, blank=True, validators=[text])
    history = history()
    objects = HouseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("房屋")
        ordering = ["building_id", "unit_id", "floor", "room"]
        constraints = [
            models.UniqueConstraint(
                fields=["building", "unit", "room"], name="house_room_once", condition=Q(unit__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["building", "room"], name="house_room_once_no_unit", condition=Q(unit__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["community", "address_code"], name="house_address_code_once", condition=~Q(address_code="")
            ),
        ]
        indexes = [models.Index(fields=["community", "room"], name="house_room")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """ "3-2-501"."""
        return "-".join(str(part) for part in (self.building.number, self.unit and self.unit.number, self.room) if part)

    @property
    def address_text(self) -> str:
        """The address as text: the standard one, else made from the community's."""
        unit = f"{self.unit.number}单元" if self.unit else ""
        return (
            self.address_name
            or f"{self.community.address}{self.community.name}{self.building.number}号楼{unit}{self.room}"
        )

    def clean(self) -> None:
        if self.unit_id and self.building_id and self.unit.building_id != self.building_id:
            raise ValidationError({"unit": _("单元不属于所选楼栋,请重选。")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.community_id = self.building.community_id
        super().save(*args, **kwargs)


class MeterReading(Watched):
    """水电煤用量 of one house in one month (B.10); what is not read counts as 0 there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    house = models.ForeignKey(House, models.CASCADE, verbose_name=_("房屋"), related_name="meter_readings")
    month = models.DateField(_("所属月份"), help_text=_("取该月第一天"))
    electricity = models.DecimalField(
        _("电使用量"), max_digits=10, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    gas = models.DecimalField(
        _("煤使用量"), max_digits=10, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    water = models.DecimalField(
        _("水使用量"), max_digits=10, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    objects = scoped("edit_place", "house__community_id").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("水电煤用量")
        ordering = ["-month", "house"]
        constraints = [
            models.UniqueConstraint(
                fields=["house", "month"], name="meter_reading_once",
                violation_error_message=_("这套房屋本月已登记用量。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.house} {self.month:%Y-%m}"

    @property
    def community_id(self) -> int:
        return self.house.community_id

    def clean(self) -> None:
        if self.month:
            self.month = self.month.replace(day=1)


class Gate(Watched):
    """出入口, with its lanes."""

    class Kind(models.TextChoices):
        PEOPLE = "people", _("人行")
        VEHICLES = "vehicles", _("车行")
        BOTH = "both", _("人车混行")

    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="gates")
    name = models.CharField(_("名称"), max_length=50, validators=[text])
    kind = models.CharField(_("类型"), max_length=8, choices=Kind, default=Kind.BOTH)
    objects = scoped("view_place").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("出入口")
        constraints = [models.UniqueConstraint(fields=["community", "name"], name="gate_name_once")]

    def __str__(self) -> str:
        return self.name


class Lane(models.Model):
    """车道 of a gate; the direction is C.6."""

    gate = models.ForeignKey(Gate, models.CASCADE, verbose_name=_("出入口"), related_name="lanes")
    number = models.PositiveSmallIntegerField(_("车道号"), validators=[MinValueValidator(1), MaxValueValidator(99)])
    direction = models.CharField(
        _("方向"), max_length=1, choices=partial(codes.choices, "passage_direction"), default="1"
    )
    objects = scoped("view_place", "gate__community_id").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("车道")
        constraints = [models.UniqueConstraint(fields=["gate", "number"], name="lane_number_once")]

    def __str__(self) -> str:
        return f"{self.gate} {self.number}"

    @property
    def community_id(self) -> int:
        return self.gate.community_id


class Organisation(Watched):
    """单位 that works in a community."""

    class Kind(models.TextChoices):
        PROPERTY = "property", _("物业公司")
        COMMITTEE = "committee", _("居委会")
        POLICE = "police", _("派出所")
        BUILDER = "builder", _("承建单位")
        OTHER = "other", _("其他")

    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="organisations")
    name = models.CharField(_("名称"), max_length=100, validators=[text])
    kind = models.CharField(_("类型"), max_length=10, choices=Kind, default=Kind.PROPERTY)
    phone = models.CharField(_("值班电话"), max_length=20, blank=True, validators=[validators.validate_phone])
    objects = scoped("view_place").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("单位")
        constraints = [models.UniqueConstraint(fields=["community", "name"], name="organisation_name_once")]

    def __str__(self) -> str:
        return self.name


class Post(Watched):
    """岗位: a user holds a role in one community, or in all of them. It stands here, not in accounts: it names a place.

    Saving or deleting a post recomputes the user's permissions in the same transaction. One user holds at most one
    of the three administrators' duties, and no other role beside it: the database and the form see to that.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("用户"), related_name="posts")
    role = models.CharField(_("角色"), max_length=20, choices=roles.choices)
    community = models.ForeignKey(
        Community,
        models.CASCADE,
        verbose_name=_("小区"),
        related_name="posts",
        null=True,
        blank=True,
        help_text=_("不选表示全部小区"),
    )
    objects = scoped("manage_accounts").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("岗位")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "community"], name="post_once", condition=Q(community__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["user", "role"], name="post_once_everywhere", condition=Q(community__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["user"],
                name="administrators_exclude_each_other",
                condition=Q(role__in=sorted(roles.ADMINISTRATORS)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()} {self.community or ''}".strip()

    def clean(self) -> None:
        others = set(Post.objects.filter(user=self.user_id).exclude(pk=self.pk).values_list("role", flat=True))
        if (self.role in roles.ADMINISTRATORS and others) or others & roles.ADMINISTRATORS:
            raise ValidationError({"role": _("系统、安全、审计管理员三种职责互斥,也不能兼任其他角色。")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            grant(self.user_id)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            result = super().delete(*args, **kwargs)
            grant(self.user_id)
            return result


def grant(user_id: int) -> None:
    """Make the user's permissions exactly what the posts say: object permissions a community, global ones for all."""
    known = {
        p.codename: p for p in Permission.objects.filter(content_type__app_label="community", codename__in=roles.VERBS)
    }
    UserObjectPermission.objects.filter(user_id=user_id, permission__in=known.values()).delete()
    user = Post._meta.get_field("user").related_model.objects.get(pk=user_id)
    user.user_permissions.remove(*known.values())
    wanted = {
        (verb, post.community_id)
        for post in Post.objects.filter(user_id=user_id)
        for verb in roles.ROLES[post.role].verbs
    }
    user.user_permissions.add(*(known[verb] for verb, place in wanted if place is None))
    UserObjectPermission.objects.bulk_create(
        UserObjectPermission(
            user_id=user_id, permission=known[verb], object_pk=str(place), content_type_id=known[verb].content_type_id
        )
        for verb, place in sorted(wanted, key=str)
        if place is not None
    )


# Django looks for models here; those of imports have a package of their own.
from community.workbooks.models import Import, ImportedRow  # noqa: E402, F401
