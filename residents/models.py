"""People (B.2.2), who lives where (B.4.2), vehicles (B.5.2), workers. What names a person is encrypted and masked."""

import re
import uuid
from datetime import date
from functools import partial, reduce
from operator import and_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from audit.watch import SNAPSHOT, Watched
from community import validators
from community.models import Community, House, Organisation
from community.querysets import ScopedQuerySet, history, scoped
from guomi.fields import BlindIndexField, EncryptedDateField, EncryptedTextField
from guomi.pictures import EncryptedPictureField
from residents.expiry import ExpiryField, expires
from standard import codes
from standard.numbers import NumberError, identity, permit, plate

text = validators.validate_plain_text
CITIZEN = "111"
NUMBERED = {"111", "112"}  # kinds of document whose number is an identity number
PERMITS = {"553", "554", "555"}
RESIDENCE_PERMIT = "154"  # also that of residents of Hong Kong, Macao and Taiwan, whose numbers follow GB 11643


MAX_WORDS = 4
LAST_FOUR = re.compile(r"\d{3}[\dXx]")


def _may_be(word: str) -> Q:
    """What a word may be of a person: only the indexes it can be in are asked."""
    if LAST_FOUR.fullmatch(word):
        return Q(phone_last4_index__matches=word) | Q(document_last4_index__matches=word)
    if len(word) == 1:
        return Q(surname_index__matches=word)
    if any(letter.isdigit() for letter in word):
        return Q(document_number_index__matches=word) | Q(phone_index__matches=word)
    return Q(name_index__matches=word) | Q(document_number_index__matches=word)


def _ties(homes: Q, jobs: Q) -> tuple[Exists, Exists]:
    """What ties a person to the community: homes and jobs that meet the conditions."""
    return (
        Exists(Residency.with_merged.filter(homes, person=OuterRef("pk"))),
        Exists(Worker.with_merged.filter(jobs, person=OuterRef("pk"))),
    )


class PersonQuerySet(ScopedQuerySet):
    verb = "view_people"

    def update(self, **kwargs: Any) -> int:
        """Whatever sets a document's validity sets the day it runs out; bulk_update brings its own."""
        if "document_validity" in kwargs and "document_expires" not in kwargs:
            kwargs["document_expires"] = expires(kwargs["document_validity"])
        return super().update(**kwargs)

    update.alters_data = True

    def search(self, wanted: str) -> "PersonQuerySet":
        """People by number, telephone, name, the last four of a number or telephone, or surname; words narrow.

        Nobody says which: "张 1234" is a surname and somebody's last four. One query, over blind indexes only.
        """
        wanted = validators.half_width(wanted)[:100]
        words = wanted.split()[:MAX_WORDS]
        if not words:
            return self
        every_word = reduce(and_, map(_may_be, words))
        return self.filter(_may_be(wanted) | every_word if len(words) > 1 else every_word)

    def present(self, day: date) -> "PersonQuerySet":
        """People who live or work in their community on that day or have yet to move in."""
        homes, jobs = _ties(Q(moved_out=None) | Q(moved_out__gt=day), Q(ended=None) | Q(ended__gt=day))
        return self.filter(homes | jobs)

    def departed(self, day: date) -> "PersonQuerySet":
        """People who lived or worked here and had left on that day: nothing ties them to the community any more."""
        homes, jobs = _ties(Q(moved_out__lte=day), Q(ended__lte=day))
        return self.filter(homes | jobs).exclude(pk__in=self.model.objects.present(day).values("pk"))

    def untied(self) -> "PersonQuerySet":
        """People with neither a home, a job nor a vehicle here, not even a former one."""
        homes, jobs = _ties(Q(), Q())
        return self.exclude(homes | jobs).filter(vehicles=None)


class PersonManager(models.Manager.from_queryset(PersonQuerySet)):
    """People; not those whose record was merged into another one (residents.likeness.merging)."""

    def get_queryset(self) -> PersonQuerySet:
        return super().get_queryset().filter(merged_into=None)


def _of_living(queryset: type[ScopedQuerySet]) -> models.Manager:
    """A manager of rows of people; not those that stayed with a record that was merged into another one."""

    def get_queryset(self: models.Manager) -> models.QuerySet:
        return super(kind, self).get_queryset().filter(person__merged_into=None)

    kind = type("LivingManager", (models.Manager.from_queryset(queryset),), {"get_queryset": get_queryset})
    return kind()


class Person(Watched):
    """人员: all of B.2.2."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="people")
    name = EncryptedTextField(_("姓名"), max_length=50, mask="name", validators=[text])
    name_index = BlindIndexField(of="name", normalise="name")
    surname_index = BlindIndexField(of="name", normalise="surname", db_index=False)
    document_type = models.CharField(
        _("证件类型"),
        max_length=3,
        choices=partial(codes.choices, "identity_document"),
        default=CITIZEN,
        help_text="GA/T 2000.156",
    )
    document_number = EncryptedTextField(_("证件号码"), max_length=50, mask="document", validators=[text])
    document_number_index = BlindIndexField(of="document_number", normalise="document")
    document_last4_index = BlindIndexField(of="document_number", normalise="document_last4", db_index=False)
    phone = EncryptedTextField(
        _("联系电话"), max_length=20, blank=True, mask="phone", validators=[validators.validate_phone],
        help_text=_("上报必填;儿童和老人可填监护人或家属电话"),
    )  # fmt: skip
    phone_index = BlindIndexField(of="phone", normalise="phone")
    phone_last4_index = BlindIndexField(of="phone", normalise="phone_last4", db_index=False)
    birth_date = EncryptedDateField(_("出生日期"), null=True, blank=True, help_text=_("由身份证号码自动填写"))
    sex = models.CharField(_("性别"), max_length=1, choices=partial(codes.choices, "sex"), blank=True)
    person_type = models.CharField(
        _("人员类型"),
        max_length=1,
        choices=partial(codes.choices, "person_type"),
        blank=True,
        default="1",
        help_text=_("附录表 C.9"),
    )
    former_name = EncryptedTextField(_("曾用名"), max_length=50, blank=True, mask="name", validators=[text])
    english_name = EncryptedTextField(_("英文名"), max_length=100, blank=True, mask="name", validators=[text])
    registered_address = EncryptedTextField(
        _("户籍地详址"), max_length=200, blank=True, mask="address", validators=[text]
    )
    document_issuer = models.CharField(_("签发机关"), max_length=100, blank=True, validators=[text])
    document_validity = models.CharField(_("证件有效期限"), max_length=50, blank=True, validators=[text])
    document_expires = ExpiryField(_("证件到期日"), null=True, blank=True, editable=False)
    education = models.CharField(_("文化程度"), max_length=2, choices=partial(codes.choices, "education"), blank=True)
    workplace = EncryptedTextField(_("工作单位"), max_length=100, blank=True, mask="text", validators=[text])
    occupation = models.CharField(_("职业"), max_length=50, blank=True, validators=[text])
    occupation_category = models.CharField(
        _("职业类别"), max_length=5, choices=partial(codes.choices, "occupation"), blank=True
    )
    ethnicity = models.CharField(_("民族"), max_length=2, choices=partial(codes.choices, "ethnic_group"), blank=True)
    marital_status = models.CharField(
        _("婚姻状况"), max_length=2, choices=partial(codes.choices, "marital_status"), blank=True
    )
    military_service = models.CharField(
        _("兵役状况"), max_length=1, choices=partial(codes.choices, "military_service"), blank=True
    )
    political_status = models.CharField(
        _("政治面貌"), max_length=2, choices=partial(codes.choices, "political_status"), blank=True
    )
    lives_alone_elder = models.BooleanField(_("是否独居老人"), null=True, blank=True)
    photo = EncryptedPictureField(_("人像照片"), blank=True)
    restricted_at = models.DateTimeField(
        _("限制处理自"), null=True, blank=True, editable=False, help_text=_("只存储,不查看、不修改、不上报")
    )
    remark = models.CharField(_("备注"), max_length=200, blank=True, validators=[text])
    merged_into = models.ForeignKey(  # hardly any has one: an index of all rows would lead every list astray
        "self", models.PROTECT, verbose_name=_("已并入"), related_name="merged", null=True, blank=True, editable=False,
        db_index=False,
    )  # fmt: skip
    created_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    history = history()
    objects = PersonManager()
    with_merged = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("人员")
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "document_type", "document_number_index"],
                name="person_document_once",
                violation_error_message=_("本小区已登记过这个证件号码。"),
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="person_not_into_itself"),
        ]
        indexes = [
            models.Index(fields=["community", "-created_at"], name="person_newest"),
            models.Index(fields=["-created_at", "id"], name="person_newest_anywhere"),
            # A person's row is wide with ciphertext: what is only counted is counted in these.
            models.Index(fields=["community", "merged_into"], name="person_counted"),
            models.Index(fields=["id", "merged_into"], name="person_whole"),
            models.Index(fields=["name_index"], name="person_name"),
            models.Index(fields=["phone_index"], name="person_phone"),
            models.Index(fields=["document_number_index"], name="person_document"),
            models.Index(fields=["surname_index", "-created_at"], name="person_surname"),
            models.Index(fields=["document_last4_index"], name="person_document_last4"),
            models.Index(fields=["phone_last4_index"], name="person_phone_last4"),
            # The work lists, community by community: what is missing, the oldest first; which document runs out first.
            models.Index(fields=["community", "created_at", "id"], name="person_no_photo", condition=Q(photo="")),
            models.Index(
                fields=["community", "created_at", "id"], name="person_no_phone", condition=Q(phone_index=None)
            ),
            models.Index(
                fields=["community", "document_expires", "id"],
                name="person_expiring",
                condition=Q(document_expires__isnull=False),
            ),
            models.Index(fields=["merged_into"], name="person_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name_masked()

    @property
    def reveal_refused(self) -> Any:
        """Why nothing of this person is shown in clear; "" if nothing stands against it."""
        return _("此人的信息已限制处理,不能查看明文。") if self.restricted_at else ""

    def save(self, *args: Any, **kwargs: Any) -> None:
        if (names := kwargs.get("update_fields")) is not None and "document_validity" in names:
            kwargs["update_fields"] = {*names, "document_expires"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Number rules of the kind of document; birth date and sex follow from an identity number."""
        if self.restricted_at:
            raise ValidationError(_("此人的信息已限制处理,不能修改;解除限制后再改。"))
        if closed := list(optional.refused(self, self.__dict__.get(SNAPSHOT) or {})):
            told = _("本小区没有开启这一项的采集,请清空;如需采集,先说明合法性依据并开启。")
            raise ValidationError(dict.fromkeys(closed, told))
        if not self.document_number:
            return
        try:
            if self.document_type in NUMBERED or self._of_hong_kong_macao_taiwan():
                self._take(identity.parse(self.document_number))
            elif self.document_type in PERMITS:
                known = permit.parse(self.document_number)
                self.document_number, self.birth_date = known.number, known.birth_date or self.birth_date
        except NumberError as error:
            raise ValidationError({"document_number": error.message}) from error

    def validate_constraints(self, exclude: Any = None) -> None:
        """The number of a record that was merged into another one is taken as well."""
        super().validate_constraints(exclude=exclude)
        if exclude and {"document_number", "document_number_index"} & set(exclude):
            return
        same = Person.with_merged.filter(
            community=self.community_id, document_type=self.document_type, merged_into__isnull=False,
            document_number_index__matches=self.document_number,
        )  # fmt: skip
        if self.document_number and same.exclude(pk=self.pk).exists():
            raise ValidationError({"document_number": _("这个证件号码的档案已并入另一人,请搜索后使用合并后的档案。")})

    def _of_hong_kong_macao_taiwan(self) -> bool:
        number = identity.normalise(self.document_number)
        return self.document_type == RESIDENCE_PERMIT and number[:6] in identity.PERMITS

    def _take(self, known: identity.Identity) -> None:
        self.document_number = known.number
        if self.birth_date and self.birth_date != known.birth_date:
            raise ValidationError({"birth_date": _("出生日期与证件号码不一致,请核对。")})
        if self.sex in {"1", "2"} and self.sex != known.sex_code:
            raise ValidationError({"sex": _("性别与证件号码不一致,请核对。")})
        self.birth_date, self.sex = known.birth_date, known.sex_code


class Residency(Watched):
    """居住关系: who lives in which house, as what, on which lease (B.4.2)."""

    TENANT = "1"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("人员"), related_name="residencies")
    house = models.ForeignKey(House, models.PROTECT, verbose_name=_("房屋"), related_name="residencies")
    occupant_type = models.CharField(
        _("住户类型"),
        max_length=1,
        choices=partial(codes.choices, "occupant_type"),
        default="2",
        help_text=_("附录表 C.7"),
    )
    tenant_family = models.BooleanField(_("租客家属"), default=False, help_text=_("家属随租客居住时勾选,须填租约"))
    lease_start = models.DateTimeField(_("租赁开始时间"), null=True, blank=True)
    lease_end = models.DateTimeField(_("租赁结束时间"), null=True, blank=True)
    lease_contract = EncryptedPictureField(_("租赁合同照片"), blank=True)
    moved_in = models.DateField(_("入住日期"), null=True, blank=True)
    moved_out = models.DateField(_("迁出日期"), null=True, blank=True)
    client_key = models.UUIDField(unique=True, null=True, editable=False)  # one form sent twice makes one row
    created_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    history = history()
    objects = _of_living(scoped("view_people", "house__community_id"))
    with_merged = scoped("view_people", "house__community_id").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("居住关系")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "house"], name="residency_once", condition=Q(moved_out__isnull=True),
                violation_error_message=_("此人已登记住在这套房屋。"),
            ),
            models.CheckConstraint(
                condition=Q(lease_start__isnull=True) | Q(lease_end__isnull=True) | Q(lease_end__gt=F("lease_start")),
                name="residency_lease_order", violation_error_message=_("租赁结束时间必须晚于开始时间。"),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["house", "person"], name="residency_present", condition=Q(moved_out=None)),
            models.Index(
                fields=["lease_end", "id"], name="residency_leases",
                condition=Q(moved_out=None, lease_end__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person} {self.house}"

    @property
    def on_lease(self) -> bool:
        """A tenant or a tenant's family: the lease must be known."""
        return self.occupant_type == self.TENANT or self.tenant_family

    @property
    def community_id(self) -> int:
        return self.house.community_id

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if self.on_lease:
            for name, problem in (
                ("lease_start", _("租客及租客家属须填租赁开始时间。")),
                ("lease_end", _("租客及租客家属须填租赁结束时间。")),
                ("lease_contract", _("租客及租客家属须上传租赁合同照片。")),
            ):
                if not getattr(self, name):
                    errors[name] = problem
        if self.lease_start and self.lease_end and self.lease_end <= self.lease_start:
            errors["lease_end"] = _("租赁结束时间必须晚于开始时间。")
        if self.person_id and self.house_id and self.person.community_id != self.house.community_id:
            errors["house"] = _("人员与房屋不在同一小区,请重选房屋。")
        if errors:
            raise ValidationError(errors)


class VehicleQuerySet(ScopedQuerySet):
    verb = "view_vehicles"

    def search(self, wanted: str) -> "VehicleQuerySet":
        """Vehicles by plate, or by their owner's number, telephone or name."""
        wanted = validators.half_width(wanted)[:100]
        return self.filter(
            Q(plate=plate.normalise(wanted)) | Q(owner_number_index__matches=wanted)
            | Q(owner_phone_index__matches=wanted) | Q(owner_name_index__matches=wanted)
        )  # fmt: skip


class Vehicle(Watched):
    """车辆: all of B.5.2."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="vehicles")
    plate = models.CharField(_("车牌号码"), max_length=15)
    plate_colour = models.CharField(
        _("车牌颜色"), max_length=1, choices=partial(codes.choices, "plate_colour"), blank=True
    )
    brand = models.CharField(_("车辆品牌"), max_length=3, choices=partial(codes.choices, "vehicle_brand"), blank=True)
    type = models.CharField(_("车辆类型"), max_length=3, choices=partial(codes.choices, "vehicle_type"), blank=True)
    colour = models.CharField(_("车辆颜色"), max_length=1, choices=partial(codes.choices, "vehicle_colour"), blank=True)
    owner = models.ForeignKey(
        Person, models.SET_NULL, verbose_name=_("车主(本小区人员)"), related_name="vehicles", null=True, blank=True
    )
    owner_name = EncryptedTextField(_("车主姓名"), max_length=50, blank=True, mask="name", validators=[text])
    owner_name_index = BlindIndexField(of="owner_name", normalise="name")
    owner_number = EncryptedTextField(_("车主证件号码"), max_length=50, blank=True, mask="document", validators=[text])
    owner_number_index = BlindIndexField(of="owner_number", normalise="document")
    owner_phone = EncryptedTextField(
        _("车主联系方式"), max_length=20, blank=True, mask="phone", validators=[validators.validate_phone]
    )
    owner_phone_index = BlindIndexField(of="owner_phone", normalise="phone")
    photo = EncryptedPictureField(_("照片"), blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True, validators=[text])
    history = history()
    objects = VehicleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("车辆")
        ordering = ["plate"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "plate", "plate_colour"], name="vehicle_once",
                violation_error_message=_("本小区已登记过这辆车。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.plate

    @property
    def reveal_refused(self) -> Any:
        """What restricts its owner restricts what it says of him."""
        return self.owner.reveal_refused if self.owner_id else ""

    def clean(self) -> None:
        try:
            known = plate.parse(self.plate)
        except NumberError as error:
            raise ValidationError({"plate": error.message}) from error
        self.plate = known.number
        if errors := validators.of_other_communities(self, "owner"):
            raise ValidationError(errors)


class Worker(Watched):
    """从业人员 of an organisation in the community."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, verbose_name=_("人员"), related_name="jobs")
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("单位"), related_name="workers")
    title = models.CharField(_("岗位"), max_length=50, blank=True, validators=[text])
    started = models.DateField(_("入职日期"), null=True, blank=True)
    ended = models.DateField(_("离职日期"), null=True, blank=True)
    objects = _of_living(scoped("view_people", "person__community_id"))
    with_merged = scoped("view_people", "person__community_id").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("从业人员")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"], name="worker_once", condition=Q(ended__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.title}"

    @property
    def community_id(self) -> int:
        return self.person.community_id

    def clean(self) -> None:
        if self.person_id and (errors := validators.of_other_communities(self, "organisation")):
            raise ValidationError(errors)


# Django looks for models here; those of the desk, likeness and merging, notices, consents, requests and checks have packages.
from residents.desk.models import Part, Submission  # noqa: E402, F401
from residents.likeness.models import Likeness, Merge  # noqa: E402, F401
from residents.rights import optional  # noqa: E402
from residents.rights.models import Case, Consent, Notice, OptionalField  # noqa: E402, F401
from residents.verification.models import FaceCheck  # noqa: E402, F401
