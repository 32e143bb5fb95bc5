"""Receiving a large archive: sealed as it comes in, never in memory as a whole and never in clear on a disk."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.utils.translation import gettext_lazy as _

from accounts.reveals import LONG_NUMBER
from community.validators import half_width, validate_plain_text
from community.workbooks.archives import MAX_BYTES, shown
from guomi import spool

FIELD = "photos"
MAX_PAPERS = 100


class SpooledUpload(UploadedFile):
    """A file that was received; `key` says where guomi.spool keeps it."""

    def __init__(self, key: str, name: str, size: int) -> None:
        super().__init__(name=name, size=size)
        self.key = key


class SpoolHandler(FileUploadHandler):
    """For one file of the form field `photos`; whatever else is sent is refused unread."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.key = uuid.uuid4().hex
        self._writer: spool.Writer | None = None

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != FIELD or self._writer is not None:
            raise SkipFile
        self._writer = spool.Writer(self.key)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > MAX_BYTES:
            raise StopUpload(connection_reset=True)
        self._writer.write(raw_data)

    def file_complete(self, file_size: int) -> SpooledUpload:
        return SpooledUpload(self.key, self.file_name, self._writer.close())

    def upload_interrupted(self) -> None:
        self.discard()

    def discard(self) -> None:
        """Forget what came in."""
        if self._writer is not None:
            self._writer.discard()


def told_name(name: str) -> str:
    """The archive's own name as it may be kept: masked where it looks like somebody's number."""
    return shown(name) if LONG_NUMBER.search(name) else name[:100]


def papers_of(text: str) -> str:
    """Where the consents on paper are kept, as it may stand in the ledger for years; ValidationError."""
    text = " ".join(half_width(text).split())
    if len(text) < 2 or len(text) > MAX_PAPERS:
        raise ValidationError(_("请写明书面同意存放在哪里,2 至 100 个字,如“物业档案柜 3 号盒”。"))
    if LONG_NUMBER.search(text):
        raise ValidationError(_("存放处会永久记入台账,请勿填写电话、证件号码等个人信息。"))
    validate_plain_text(text)
    return text
