"""One comparison of a live picture with a card's portrait, and what a second person said of it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import access
from audit.watch import Watched
from community import validators
from community.models import Community
from community.querysets import ScopedQuerySet
from guomi.fields import EncryptedTextField
from guomi.pictures import EncryptedPictureField

plain = validators.validate_plain_text
REVIEW_VERB = "edit_people"
TEMPLATE_CHARS = 800  # Base64 of 128 float32 takes 684


class FaceCheckQuerySet(ScopedQuerySet):
    verb = "view_people"

    def of_draft(self, client_key: uuid.UUID, user: Any) -> "FaceCheckQuerySet":
        """Checks of a draft whose form has not been submitted, by the collector whose draft it is; the newest first."""
        return self.filter(client_key=client_key, checked_by=user, person=None).order_by("-checked_at")

    def holding(self) -> "FaceCheckQuerySet":
        """Checks that still hold something of a face: a template or a picture."""
        return self.exclude(live_template="", card_template="", photo="", card_portrait="")

    def matching(self) -> "FaceCheckQuerySet":
        """Checks that show the match, by the models or by a second person."""
        return self.filter(Q(outcome=FaceCheck.Outcome.PASSED) | Q(review=FaceCheck.Review.CONFIRMED))

    def waiting(self) -> "FaceCheckQuerySet":
        """Checks a second person has to look at, the oldest first."""
        return self.filter(review=FaceCheck.Review.OPEN).exclude(person=None).order_by("checked_at")

    def reviewable_by(self, user: Any) -> "FaceCheckQuerySet":
        """Where the user may edit people, and did not make the check himself (two pairs of eyes)."""
        mine = access.limit(self, user, REVIEW_VERB, "community_id")
        return mine.exclude(checked_by=user) if getattr(user, "pk", None) else mine.none()


class FaceCheck(Watched):
    """人证核验记录. Templates rest on the consent to the face; both pictures are kept only while a review is open."""

    class Outcome(models.TextChoices):
        PASSED = "passed", _("人证相符")
        BELOW = "below", _("低于阈值")
        NOT_DONE = "not_done", _("未做")

    class WhyNot(models.TextChoices):
        """Why nothing was compared."""

        NO_MODELS = "no_models", _("没有装入人脸模型")
        NO_CARD = "no_card_picture", _("没有证件照片")
        NO_PHOTO = "no_photo", _("没有拍照")
        REFUSED = "refused_by_person", _("本人不同意拍照")
        NO_CONSENT = "no_consent", _("没有本人单独同意")
        NO_FACE = "no_face", _("照片里找不到人脸")
        NO_CARD_FACE = "no_card_face", _("证件照片里找不到人脸")
        QUALITY = "quality", _("照片质量不足以比对")
        UNREADABLE = "unreadable", _("照片无法读取")
        BUSY = "busy", _("核验正忙")

    class Reason(models.TextChoices):
        """Why the form is submitted although nobody can say that person and card match."""

        OLD_CARD = "old_card", _("证件照年代久远")
        LIGHT = "light", _("光线或姿势")
        COVERED = "covered", _("受伤或戴面罩")
        OTHER = "other", _("其他(说明)")

    class Review(models.TextChoices):
        NONE = "none", _("不需复核")
        OPEN = "open", _("待复核")
        CONFIRMED = "confirmed", _("复核相符")
        REJECTED = "rejected", _("复核不符")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="face_checks")
    person = models.ForeignKey(
        "residents.Person", models.CASCADE, verbose_name=_("人员"), related_name="face_checks", null=True, blank=True
    )
    client_key = models.UUIDField(_("采集表编号"), editable=False)
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome)
    why_not = models.CharField(_("未做的原因"), max_length=20, choices=WhyNot, blank=True, default="")
    score = models.FloatField(_("相似度"), null=True, blank=True)
    threshold = models.FloatField(_("阈值"), null=True, blank=True)
    model_version = models.CharField(_("模型版本"), max_length=60, blank=True, default="")
    hints = models.JSONField(_("质量提示"), default=dict, blank=True)  # {"photo": [code, ...], "card": [...]}
    took_ms = models.PositiveIntegerField(_("用时(毫秒)"), null=True, blank=True)
    live_template = EncryptedTextField(
        _("现场人脸特征"), max_length=TEMPLATE_CHARS, blank=True, default="", purpose="face", editable=False
    )
    card_template = EncryptedTextField(
        _("证件人脸特征"), max_length=TEMPLATE_CHARS, blank=True, default="", purpose="face", editable=False
    )
    photo = EncryptedPictureField(_("现场照片"), blank=True, editable=False)
    card_portrait = EncryptedPictureField(_("证件照片"), blank=True, editable=False)
    photo_mark = models.CharField(max_length=64, blank=True, default="", editable=False)  # keyed: which picture it was
    card_mark = models.CharField(max_length=64, blank=True, default="", editable=False)
    reason = models.CharField(_("提交理由"), max_length=10, choices=Reason, blank=True, default="")
    note = EncryptedTextField(_("说明"), max_length=200, blank=True, default="", mask="text", validators=[plain])
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("核验人"), related_name="+", null=True
    )
    checked_at = models.DateTimeField(_("核验时间"))
    review = models.CharField(_("复核"), max_length=10, choices=Review, default=Review.NONE)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("复核人"), related_name="+", null=True, blank=True
    )
    reviewed_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    review_note = EncryptedTextField(
        _("复核说明"), max_length=200, blank=True, default="", mask="text", validators=[plain]
    )

    objects = FaceCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("人证核验记录")
        ordering = ["-checked_at", "id"]
        indexes = [
            models.Index(fields=["client_key"], name="face_check_draft"),
            models.Index(fields=["checked_at"], name="face_check_open", condition=Q(review="open")),
            models.Index(fields=["checked_at"], name="face_check_unlinked", condition=Q(person__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("checked_by")),
                name="face_check_two_people", violation_error_message=_("核验人不能复核自己的核验。"),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.checked_at:%Y-%m-%d}"

    @property
    def shown(self) -> str:
        """Outcome and why, in words."""
        return (
            f"{self.get_outcome_display()}:{self.get_why_not_display()}" if self.why_not else self.get_outcome_display()
        )

    @property
    def needs_reason(self) -> bool:
        """Pictures were there and do not show that person and card match: say why, and a second person looks at it."""
        unclear = {self.WhyNot.NO_FACE, self.WhyNot.NO_CARD_FACE, self.WhyNot.QUALITY, self.WhyNot.UNREADABLE}
        return self.outcome == self.Outcome.BELOW or self.why_not in unclear

    def forget_pictures(self) -> None:
        """Empty both pictures, if any; the caller saves."""
        self.photo, self.card_portrait = "", ""

    def forget_face(self) -> bool:
        """Empty all that is of the face, if anything is; whether it was saved. Outcome and score stay."""
        held = [name for name in FACE_FIELDS if getattr(self, name)]
        for name in held:
            setattr(self, name, "")
        if held:
            self.save(update_fields=held)
        return bool(held)


FACE_FIELDS = ("live_template", "card_template", "photo", "card_portrait", "photo_mark", "card_mark")
