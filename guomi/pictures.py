"""Pictures kept encrypted: one file each in the default storage, sealed with SM4-GCM and bound to its own name.

The name says whose it is (model label, field, row), and reading checks that it is the row's own: neither a file moved
to another name nor a name copied to another row opens. An old file goes when the change is committed, never before.
"""

import os
import secrets
from functools import partial
from pathlib import Path
from typing import Any

from django import forms as django_forms
from django.core import checks
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.fields.files import FieldFile, FileDescriptor
from django.utils.translation import gettext_lazy as _

from guomi import keyring
from guomi.fields import row_key
from guomi.forms import PictureInput
from guomi.images import MAX_INPUT_BYTES, PictureError, clean
from guomi.sealed import DecryptionError, EncryptedFieldError

__all__ = ["EncryptedPictureField", "PictureError", "PictureFormField", "clean"]

FOLDER = "sealed"


class CleanPicture(ContentFile):
    """A picture that has been through clean() already and need not be drawn again."""


class SealedPicture(FieldFile):
    """The picture of one row. `read_clear()` is the only way to its pixels; it has no address of its own."""

    @property
    def url(self) -> str:
        """Empty: pictures are shown by a checked, audited view, never from the storage."""
        return ""

    def read_clear(self) -> bytes:
        """The JPEG in clear, or DecryptionError naming model, field and row."""
        if not self:
            raise ValueError(_("没有图片"))
        if not self._committed:
            return _content(self.file)
        label, field, pk = self._owner()
        if not self.name.startswith(self.field.folder_of(label, pk)):
            raise DecryptionError(label, field, pk, "文件不属于这一行")
        try:
            with self.storage.open(self.name, "rb") as file:
                return keyring.get().open(file.read(), context_of(self.name))
        except FileNotFoundError:
            raise DecryptionError(label, field, pk, "文件不存在") from None
        except keyring.OpenError as error:
            raise DecryptionError(label, field, pk, str(error)) from None

    def save(self, name: str, content: File, save: bool = True) -> None:
        """Clean, seal and write the picture; `name` is not used: a file's own name may tell about a person."""
        label, field, pk = self._owner()
        data = _content(content)
        data = data if isinstance(content, CleanPicture) else clean(data)
        wanted = f"{self.field.folder_of(label, pk)}{secrets.token_hex(8)}.bin"
        sealed = keyring.get().seal(self.field.purpose, data, context_of(wanted))
        self.name = self.storage.save(wanted, ContentFile(sealed))
        if self.name != wanted:
            self.storage.delete(self.name)
            raise EncryptedFieldError(f"{label} 的字段 {field}（行 {pk}）：存储改动了文件名")
        setattr(self.instance, self.field.attname, self.name)
        self._committed = True
        self._file = None
        if save:
            self.instance.save()

    save.alters_data = True

    def open(self, mode: str = "rb") -> "SealedPicture":
        """Opens on the clear bytes in memory; writing is by assignment only."""
        if mode != "rb":
            raise EncryptedFieldError("加密图片只能读取；写入请重新赋值")
        if self._committed:
            self._file = ContentFile(self.read_clear())
        return self

    def _get_file(self) -> File:
        if getattr(self, "_file", None) is None:
            self._file = ContentFile(self.read_clear())
        return self._file

    def _set_file(self, file: File) -> None:
        self._file = file

    file = property(_get_file, _set_file)

    def _owner(self) -> tuple[str, str, str]:
        pk = row_key(self.instance)
        if pk is None:
            raise EncryptedFieldError(f"{self.field.model._meta.label} 的字段 {self.field.name} 须绑定主键")
        return self.field.model._meta.label, self.field.name, pk


class PictureAttribute(FileDescriptor):
    """Also takes bytes; remembers the stored names that were replaced, until the change is saved."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        old = instance.__dict__.get(self.field.attname)
        name = old if isinstance(old, str) else old.name if isinstance(old, FieldFile) and old._committed else ""
        if name:
            instance.__dict__.setdefault(self.field.replaced, set()).add(name)
        super().__set__(instance, ContentFile(value, name="picture") if isinstance(value, bytes) else value)


class EncryptedPictureField(models.FileField):
    """A picture of at most 12 MB and 50 megapixels, stored as encrypted JPEG whose Base64 is at most 4,000,000 characters.

    Takes an uploaded file, a File or bytes; PictureError when it is no picture. The row needs its key beforehand (UUID).
    """

    attr_class = SealedPicture
    descriptor_class = PictureAttribute
    description = _("加密图片")
    sealed_per_row = True

    def __init__(self, *args: Any, purpose: str = "picture", **kwargs: Any) -> None:
        self.purpose = purpose
        kwargs.setdefault("max_length", 255)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("upload_to", None)
        if kwargs.get("max_length") == 255:
            del kwargs["max_length"]
        if self.purpose != "picture":
            kwargs["purpose"] = self.purpose
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if isinstance(self.model._meta.pk, models.AutoField):
            found.append(
                checks.Error(_("密文绑定到主键，主键须在写入前已知：请使用 UUIDField。"), obj=self, id="guomi.E004")
            )
        return found

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, **kwargs)
        if not cls._meta.abstract:
            models.signals.post_save.connect(self._saved, sender=cls, dispatch_uid=f"{cls._meta.label}.{name}.saved")
            models.signals.pre_delete.connect(self._going, sender=cls, dispatch_uid=f"{cls._meta.label}.{name}.going")
            models.signals.post_delete.connect(self._gone, sender=cls, dispatch_uid=f"{cls._meta.label}.{name}.gone")

    @property
    def replaced(self) -> str:
        """Where an instance remembers the names of its replaced files."""
        return f"_{self.attname}_replaced"

    def folder_of(self, label: str, pk: str) -> str:
        return f"{FOLDER}/{label.lower()}/{self.name}/{pk[:2]}/{pk}/"

    def pre_save(self, model_instance: models.Model, add: bool) -> FieldFile:
        try:
            return super().pre_save(model_instance, add)
        except PictureError as error:
            raise PictureError(f"{self.verbose_name}：{error}") from None

    def formfield(self, **kwargs: Any) -> django_forms.Field:
        widget = kwargs.get("widget")
        if not (isinstance(widget, PictureInput) or (isinstance(widget, type) and issubclass(widget, PictureInput))):
            kwargs = {**kwargs, "widget": PictureInput}
        return super().formfield(**{"form_class": PictureFormField, **kwargs})

    def value_to_string(self, obj: models.Model) -> str:
        return self.value_from_object(obj).name or ""

    def _saved(self, instance: models.Model, using: str, update_fields: Any = None, **kwargs: Any) -> None:
        if (update_fields is not None and self.name not in update_fields) or self.attname not in instance.__dict__:
            return
        names = instance.__dict__.pop(self.replaced, set()) - {getattr(instance, self.attname).name}
        self._remove(names, instance, using)

    def _going(self, instance: models.Model, **kwargs: Any) -> None:
        """A deferred name has to be fetched while the row is still there."""
        getattr(instance, self.attname)

    def _gone(self, instance: models.Model, using: str, **kwargs: Any) -> None:
        file = getattr(instance, self.attname)
        names = instance.__dict__.pop(self.replaced, set()) | ({file.name} if file and file._committed else set())
        self._remove(names, instance, using)

    def _remove(self, names: set[str], instance: models.Model, using: str) -> None:
        """Only the row's own files: a name that came from elsewhere is not ours to delete."""
        own = self.folder_of(self.model._meta.label, row_key(instance) or "-")
        for name in sorted(names):
            if name.startswith(own):
                transaction.on_commit(partial(self.storage.delete, name), using=using, robust=True)


class PictureFormField(django_forms.FileField):
    """Cleans the picture while the form is checked, so that the complaint stands at the field."""

    widget = PictureInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if not file or file is initial or isinstance(file, FieldFile):
            return file
        if file.size > MAX_INPUT_BYTES:
            raise django_forms.ValidationError(_("图片超过 12 MB，请缩小后再上传"), code="too_big")
        try:
            return CleanPicture(clean(_content(file)), name="picture.jpg")
        except PictureError as error:
            raise django_forms.ValidationError(str(error), code="picture") from None


def context_of(name: str) -> bytes:
    """What an encrypted file is bound to: its own name in the storage."""
    return b"anju file\0" + name.encode()


def read_stored(name: str) -> bytes:
    """The clear bytes of a stored file by its name, for upkeep that has no instance (re-sealing, searching orphans)."""
    with default_storage.open(name, "rb") as file:
        return keyring.get().open(file.read(), context_of(name))


def replace_stored(name: str, data: bytes, purpose: str) -> None:
    """Seal the bytes under the purpose's current key in the place of the stored file: whole, or the old one stays."""
    sealed = keyring.get().seal(purpose, data, context_of(name))
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:  # no folder behind this storage: an object store puts whole objects in place
        if (saved := default_storage.save(name, ContentFile(sealed))) != name:
            default_storage.delete(saved)
            raise EncryptedFieldError("存储不允许覆盖同名文件：请为对象存储启用覆盖（file_overwrite）") from None
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(path.stat().st_mode & 0o777)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _content(file: File) -> bytes:
    """The whole file, at most one byte more than is allowed."""
    file.seek(0)
    return file.read(MAX_INPUT_BYTES + 1)
