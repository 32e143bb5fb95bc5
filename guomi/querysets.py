"""A QuerySet for models with encrypted fields: bulk writes seal, statements that cannot seal are refused."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models

from guomi.fields import EncryptedField, EncryptedFieldError
from guomi.sealed import Ready, Sealed


class SealedQuerySet(models.QuerySet):
    """bulk_update seals each value for its row and carries along what follows it; update() of such fields is refused."""

    _writing_sealed = False  # set only while bulk_update runs its own UPDATE statements

    def _clone(self) -> "SealedQuerySet":
        clone = super()._clone()
        clone._writing_sealed = self._writing_sealed
        return clone

    def order_by(self, *field_names: Any) -> "SealedQuerySet":
        """Ciphertext has no useful order: sorting by it is refused, naming what to use."""
        for name in field_names:
            if isinstance(name, str) and isinstance(self._field_at(name), EncryptedField):
                raise FieldError(f"字段 {name.lstrip('-')} 已加密,不能用于排序:请按登记时间等未加密的字段排序")
        return super().order_by(*field_names)

    def _field_at(self, path: str) -> models.Field | None:
        model, field = self.model, None
        for part in path.lstrip("-+").split("__"):
            try:
                field = model._meta.get_field(part)
            except FieldDoesNotExist:
                return None
            model = getattr(field, "related_model", None) or model
        return field

    def update(self, **kwargs: Any) -> int:
        for name in () if self._writing_sealed else kwargs:
            field = self.model._meta.pk if name == "pk" else self.model._meta.get_field(name)
            if getattr(field, "sealed_per_row", False):
                raise EncryptedFieldError(
                    f"字段 {field.name} 的内容绑定到各行，不能用 update() 统一写入：请逐条 save() 或用 bulk_update()"
                )
        return super().update(**kwargs)

    update.alters_data = True

    def bulk_update(self, objs: Iterable[models.Model], fields: Iterable[str], batch_size: int | None = None) -> int:
        objs, fields = tuple(objs), list(fields)
        sources = [field for field in map(self.model._meta.get_field, fields) if isinstance(field, EncryptedField)]
        named = {self.model._meta.get_field(name).name for name in fields}
        indexes = [field for field in self.model._meta.concrete_fields if getattr(field, "of", None) in named]
        fields += [field.name for field in indexes if field.name not in named]
        kept: list[tuple[models.Model, str, Sealed]] = []
        try:
            for obj in objs:
                for index in indexes:
                    index.pre_save(obj, False)
                kept += _make_ready(obj, sources)
            writing = self._clone()
            writing._writing_sealed = True
            return models.QuerySet.bulk_update(writing, objs, fields, batch_size)
        finally:
            for obj, name, sealed in kept:
                obj.__dict__[name] = sealed

    bulk_update.alters_data = True


def _make_ready(obj: models.Model, sources: list[EncryptedField]) -> list[tuple[models.Model, str, Sealed]]:
    """Put ciphertext in the place of the row's values, and say what to put back afterwards."""
    kept = []
    for field in sources:
        sealed = field.sealed_for(obj)
        if isinstance(sealed, Sealed):
            kept.append((obj, field.attname, sealed))
            obj.__dict__[field.attname] = Ready(sealed.token)
    return kept
