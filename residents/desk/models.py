"""What has come in from a desk: each form once, and the pieces of pictures that are still on their way."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.models import Community
from community.querysets import scoped
from guomi.fields import EncryptedTextField

MOST_CHUNK_BYTES = 256 * 1024


class Submission(models.Model):
    """收件: a form that was taken in. Its client key is the draft's, so the same form sent again finds this row.

    `content` is a keyed digest of what was sent: the same key with another content is a change to what it made.
    The versions are those of the rows it left (their newest history), for telling later whether somebody changed them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client_key = models.UUIDField(_("草稿编号"), unique=True, editable=False)
    content = models.CharField(_("内容摘要"), max_length=64, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="submissions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("采集员"), related_name="submissions"
    )
    person = models.ForeignKey(
        "residents.Person", models.SET_NULL, verbose_name=_("人员"), related_name="submissions", null=True
    )
    residency = models.ForeignKey(
        "residents.Residency", models.SET_NULL, verbose_name=_("居住关系"), related_name="submissions", null=True
    )
    person_version = models.CharField(_("人员版本"), max_length=36, blank=True, default="")
    residency_version = models.CharField(_("居住关系版本"), max_length=36, blank=True, default="")
    received_at = models.DateTimeField(_("收到时间"))

    objects = scoped("collect").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("收件")
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["user", "-received_at"], name="submission_newest"),
            models.Index(fields=["received_at"], name="submission_received"),
        ]

    def __str__(self) -> str:
        return str(self.client_key)


class Part(models.Model):
    """A piece of a picture that is being sent: kept until its form comes, so that a broken line goes on where it broke."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    client_key = models.UUIDField(editable=False)
    role = models.CharField(max_length=30)  # which of the form's pictures
    whole_index = models.CharField(max_length=64)  # keyed digest of the whole picture
    index = models.PositiveSmallIntegerField()
    content = EncryptedTextField(max_length=400_000, mask="text", purpose="picture")  # Base64
    received_at = models.DateTimeField()

    objects = scoped("collect", "user_id").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("图片分段")
        constraints = [models.UniqueConstraint(fields=["user", "client_key", "role", "index"], name="part_once")]
        indexes = [models.Index(fields=["received_at"], name="part_received")]

    def __str__(self) -> str:
        return f"{self.client_key} {self.index}"
