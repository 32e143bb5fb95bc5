"""What was decided about two records that may be of one person, and what was merged."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.watch import Watched
from community import validators
from community.models import Community
from community.querysets import ScopedQuerySet
from guomi.fields import EncryptedJSONField, EncryptedTextField
from guomi.pictures import EncryptedPictureField

SHORTEST_NOTE = 2


class Choice(models.TextChoices):
    """Is it the same person?"""

    SAME = "same", _("同一人")
    OTHER = "other", _("不是同一人")


class Reason(models.TextChoices):
    """Why two records that look alike are not of one person."""

    TWIN = "twin", _("双胞胎")
    NAMESAKE = "namesake", _("同名不同人")
    MISTYPED = "mistyped", _("已登记的号码录错")
    SHARED_PHONE = "shared_phone", _("共用电话(家人、监护人)")
    OTHER = "other", _("其他(请说明)")


class EditedQuerySet(ScopedQuerySet):
    verb = "edit_people"


class Likeness(Watched):
    """疑似同一人: what somebody decided of two people, and on what grounds they had looked alike.

    `other` is empty where a collector met somebody at the desk, saw that he was registered, and registered nobody new.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="likenesses")
    person = models.ForeignKey("residents.Person", models.CASCADE, verbose_name=_("人员"), related_name="likenesses")
    other = models.ForeignKey(
        "residents.Person", models.CASCADE, verbose_name=_("另一人"), related_name="likenesses_of_others", null=True
    )  # fmt: skip
    choice = models.CharField(_("判断"), max_length=5, choices=Choice)
    reason = models.CharField(_("理由"), max_length=12, choices=Reason, blank=True, default="")
    note = EncryptedTextField(
        _("说明"), max_length=200, blank=True, default="", mask="text", validators=[validators.validate_plain_text]
    )
    grounds = models.JSONField(_("相似之处"), default=list, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("判断人"), related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("判断时间"))

    objects = EditedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("疑似同一人")
        ordering = ["-decided_at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(other=F("person")), name="likeness_of_two")]

    def __str__(self) -> str:
        return f"{self.get_choice_display()} {self.get_reason_display()}".strip()

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if self.choice == Choice.OTHER and not self.reason:
            errors["reason"] = _("请选择不是同一人的理由。")
        if self.reason == Reason.OTHER and len(self.note.strip()) < SHORTEST_NOTE:
            errors["note"] = _("请写明理由,至少 2 个字。")
        if errors:
            raise ValidationError(errors)


class MergeQuerySet(EditedQuerySet):
    def standing(self) -> "MergeQuerySet":
        """Merges that nobody has undone."""
        return self.filter(undone_at=None)


class Merge(Watched):
    """合并记录: one record of a person went into another; what is needed to part them again.

    `moved` and `stayed` hold keys by "app.model.field"; `former` what the kept record said before in the fields it took
    over, `taken` what it took, both {field: text} and sealed; `upper_ids` what the upper platform called the two.
    `gone` is empty once the record was erased; `subject` keeps its key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="merges")
    kept = models.ForeignKey("residents.Person", models.CASCADE, verbose_name=_("保留"), related_name="merges")
    gone = models.ForeignKey(
        "residents.Person", models.SET_NULL, verbose_name=_("被合并"), related_name="merges_into_others", null=True
    )
    subject = models.UUIDField(_("被合并人员编号"), db_index=True, editable=False)
    moved = models.JSONField(_("已转移"), default=dict, blank=True)
    stayed = models.JSONField(_("未转移"), default=dict, blank=True)
    fields = models.JSONField(_("采用的信息项"), default=list, blank=True)
    former = EncryptedJSONField(_("原值"), null=True, blank=True)
    taken = EncryptedJSONField(_("采用的值"), null=True, blank=True)
    former_photo = EncryptedPictureField(_("原照片"), blank=True)
    upper_ids = models.JSONField(_("上级编号"), default=dict, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("合并人"), related_name="+", null=True
    )
    done_at = models.DateTimeField(_("合并时间"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("撤销人"), related_name="+", null=True, blank=True
    )
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("合并记录")
        ordering = ["-done_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["gone"], name="merge_once", condition=Q(undone_at__isnull=True)),
            models.CheckConstraint(condition=~Q(gone=F("kept")), name="merge_of_two"),
        ]
        indexes = [models.Index(fields=["community", "-done_at"], name="merge_newest")]

    def __str__(self) -> str:
        return f"{self.kept} ← {self.gone or '—'}"

    @property
    def reveal_refused(self) -> Any:
        """What restricts the person restricts what is kept here of him."""
        return self.kept.reveal_refused

    def forget(self, nothing: Mapping[str, Any]) -> bool:
        """Empty these fields (and what stands for nothing in each) in what is kept of both records; whether there were any."""
        found = False
        for held in filter(None, (self.former, self.taken)):
            for name in nothing.keys() & held.keys():
                found, held[name] = True, nothing[name]
        if "photo" in nothing and self.former_photo:
            self.former_photo, found = "", True
        return found
