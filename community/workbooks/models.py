"""An import: its file (sealed, until it is done), what came of it, and what it needs to be undone."""

import io
import uuid
from typing import Any, BinaryIO

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.querysets import scoped
from guomi import keyring, spool
from guomi.fields import EncryptedJSONField

PURPOSE = "person"


class Import(models.Model):
    """One workbook, or one ZIP of photos. Trying leaves the register as it is; importing takes all of it or nothing."""

    class Kind(models.TextChoices):
        REGISTER = "register", _("名册")
        PHOTOS = "photos", _("照片")

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("处理中")
        TRIED = "tried", _("试运行通过")
        WRONG = "wrong", _("有问题待改")
        DONE = "done", _("已导入")
        UNDONE = "undone", _("已撤销")
        FAILED = "failed", _("失败")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey("community.Community", models.CASCADE, verbose_name=_("小区"), related_name="imports")
    kind = models.CharField(_("类别"), max_length=8, choices=Kind, default=Kind.REGISTER)
    file_name = models.CharField(_("文件"), max_length=100)
    content = models.BinaryField(blank=True, default=b"")
    spooled = models.PositiveBigIntegerField(default=0)  # bytes of an archive kept in guomi.spool under this row's key
    papers = models.CharField(
        _("书面同意存放处"), max_length=100, blank=True, default="", help_text=_("填写即声明已有书面同意")
    )
    mapping = models.JSONField(default=dict, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("上传人"), related_name="+")
    made_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    for_real = models.BooleanField(default=False)
    counts = models.JSONField(_("结果"), default=dict, blank=True)
    errors = EncryptedJSONField(purpose=PURPOSE, null=True, blank=True)
    unknown = models.JSONField(default=dict, blank=True)
    problem = models.CharField(_("问题"), max_length=300, blank=True, default="")
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    objects = scoped("edit_place").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("导入")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.file_name

    def _context(self) -> bytes:
        return f"community.Import.content.{self.pk}".encode()

    def keep(self, data: bytes) -> None:
        """Seal the workbook into the row."""
        self.content = keyring.get().seal(PURPOSE, data, self._context())

    def read(self) -> bytes:
        """The workbook; b"" when it is not kept any more."""
        return keyring.get().open(bytes(self.content), self._context()) if self.content else b""

    def archive(self) -> BinaryIO:
        """The ZIP of photos, to be read and sought in."""
        return io.BufferedReader(spool.Reader(self.pk.hex, self.spooled))

    @property
    def at_hand(self) -> bool:
        """Whether the file is still kept, so that it can be tried again or imported."""
        return bool(self.content or self.spooled)

    def forget(self) -> None:
        """Keep the file no longer; the caller saves the row."""
        self.content = b""
        if self.spooled:
            spool.remove(self.pk.hex)
            self.spooled = 0


class ImportedRow(models.Model):
    """One record an import changed, `before` being what stood in the changed fields; or some hundred it made (`records`)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    model = models.CharField(max_length=60)
    record = models.CharField(max_length=64, blank=True, default="")
    records = models.JSONField(default=list, blank=True)
    created = models.BooleanField()
    before = EncryptedJSONField(purpose=PURPOSE, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("导入的记录")
        indexes = [models.Index(fields=["model", "record"], name="community_imported_record")]

    def __str__(self) -> str:
        return f"{self.model} {self.record or len(self.records)}"


def plain(value: Any) -> Any:
    """A field's value as JSON keeps it."""
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)
