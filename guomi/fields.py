"""Model fields that are stored encrypted (SM4-GCM) and blind indexes to look them up by (HMAC-SM3).

What is stored: NULL for None, "" for "" (so that "missing" can be asked for with `isnull` and `exact ""`), else the
Base64 of a sealed text bound to model, field and primary key. The key must exist before the row does: use a UUID.
An attribute gives the clear value, `<name>_masked()` the masked one; `values()` and `dumpdata` give ciphertext only.
"""

import datetime
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.core import checks, exceptions, validators
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import lookups
from django.db.models.query_utils import DeferredAttribute
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from guomi import forms, keyring, masking
from guomi.normalise import NORMALISERS
from guomi.sealed import DecryptionError, EncryptedFieldError, Ready, Sealed

__all__ = [
    "BlindIndexField",
    "DecryptionError",
    "EncryptedDateField",
    "EncryptedFieldError",
    "EncryptedJSONField",
    "EncryptedTextField",
    "Sealed",
]


def row_key(instance: models.Model) -> str | None:
    """The primary key in its one spelling, or None while the row has none."""
    pk = instance.pk
    return None if pk is None else str(instance._meta.pk.to_python(pk))


class SealedAttribute(DeferredAttribute):
    """Keeps what the database gave sealed in the instance, and opens it when it is looked at."""

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed) and not isinstance(value, Ready):
            return self.field.reveal(value, row_key(instance))
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        stored = instance.__dict__.get(self.field.attname)
        if isinstance(stored, Sealed) and not isinstance(value, Sealed) and self._unchanged(stored, value, instance):
            return
        instance.__dict__[self.field.attname] = value

    def _unchanged(self, stored: Sealed, value: Any, instance: models.Model) -> bool:
        """Whether an assignment repeats what is stored: then the ciphertext stays. A damaged value may be replaced."""
        try:
            return self.field.same(stored, value, row_key(instance))
        except DecryptionError:
            return False


class EncryptedField(models.Field):
    """What the encrypted fields have in common. purpose: whose data key; mask: a kind of guomi.masking."""

    descriptor_class = SealedAttribute
    default_mask = "text"
    sealed_per_row = True
    empty_strings_allowed = True

    def __init__(self, *args: Any, purpose: str = "person", mask: str | None = None, **kwargs: Any) -> None:
        self.purpose, self.mask = purpose, mask or self.default_mask
        super().__init__(*args, **kwargs)

    # --- declaration ---------------------------------------------------------------------------------------------------
    def get_internal_type(self) -> str:
        return "TextField"

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        if self.purpose != "person":
            kwargs["purpose"] = self.purpose
        if self.mask != self.default_mask:
            kwargs["mask"] = self.mask
        return name, path, args, kwargs

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not hasattr(cls, f"{name}_masked"):

            def masked(instance: models.Model) -> str:
                return self.masked(getattr(instance, name))

            masked.short_description = self.verbose_name
            setattr(cls, f"{name}_masked", masked)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.primary_key or self.unique or self.db_index:
            found.append(
                checks.Error(
                    _("加密字段不能作主键、唯一或索引：请为它添加 BlindIndexField。"), obj=self, id="guomi.E002"
                )
            )
        if self.mask not in masking.KINDS or self.purpose not in keyring.PURPOSES:
            found.append(checks.Error(_("未知的脱敏方式或密钥用途。"), obj=self, id="guomi.E003"))
        if isinstance(self.model._meta.pk, models.AutoField):
            found.append(
                checks.Error(_("密文绑定到主键，主键须在写入前已知：请使用 UUIDField。"), obj=self, id="guomi.E004")
            )
        return found

    # --- clear value <-> text -------------------------------------------------------------------------------------------
    def dump(self, value: Any) -> str:
        """The text to seal."""
        return str(value)

    def load(self, text: str) -> Any:
        """The value of an opened text."""
        return text

    def masked(self, value: Any) -> str:
        return masking.mask(self.mask, value)

    # --- opening and sealing --------------------------------------------------------------------------------------------
    def reveal(self, sealed: Sealed, pk: str | None) -> Any:
        text = sealed.open(self.model._meta.label, self.name, pk)
        return sealed.keep(self.load(text)) if sealed.kept is None else sealed.kept

    def same(self, sealed: Sealed, value: Any, pk: str | None) -> bool:
        """Whether a value, in any spelling a form gives it, is the one sealed."""
        if value in self.empty_values:
            return False
        try:
            wanted = self.dump(self.to_python(value))
        except exceptions.ValidationError:
            return False
        return sealed.open(self.model._meta.label, self.name, pk) == wanted

    def sealed_for(self, instance: models.Model) -> Sealed | str | None:
        """What to store for this instance: the ciphertext it has when nothing changed, else a new one."""
        pk = row_key(instance)
        if pk is None:
            raise EncryptedFieldError(f"{self.model._meta.label} 的字段 {self.name} 须绑定主键：请使用 UUID 主键")
        label = self.model._meta.label
        value = (
            instance.__dict__[self.attname] if self.attname in instance.__dict__ else getattr(instance, self.attname)
        )
        if isinstance(value, Sealed):
            if value.bound is not None and value.bound != (label, self.name, pk):  # a copied row under its own key
                value = self.load(value.open(*value.bound))
            else:
                text = value.open(label, self.name, pk)
                unchanged = value.kept is None or self.dump(value.kept) == text
                if unchanged and value.is_current(self.purpose):
                    return value
                value = self.load(text) if unchanged else value.kept
        if value is None or value == "":
            return value
        sealed = Sealed.seal(self.purpose, self.dump(self.to_python(value)), label, self.name, pk)
        instance.__dict__[self.attname] = sealed
        return sealed

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.sealed_for(model_instance)

    # --- the database ---------------------------------------------------------------------------------------------------
    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return Sealed(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return value.token
        if value is None or value == "" or hasattr(value, "resolve_expression"):
            return value
        raise EncryptedFieldError(
            f"字段 {self.name} 是加密字段，不能这样写入（会存成明文）：请逐条 save()，或用 SealedQuerySet.bulk_update()"
        )

    def get_db_prep_value(self, value: Any, connection: object, prepared: bool = False) -> Any:
        return self.get_prep_value(value)

    def get_lookup(self, lookup_name: str) -> type[models.Lookup]:
        return {"isnull": lookups.IsNull, "exact": OnlyEmpty}.get(lookup_name, NoLookup)

    def get_transform(self, lookup_name: str) -> None:
        return None

    # --- serializers and forms ------------------------------------------------------------------------------------------
    def value_to_string(self, obj: models.Model) -> str:
        """For dumpdata: ciphertext. It opens only in the same row under the same key ring, and loaddata refuses it."""
        value = self.sealed_for(obj)
        return value.token if isinstance(value, Sealed) else ""

    def indexes(self) -> list[str]:
        """The names of the blind indexes over this field."""
        fields = self.model._meta.get_fields()
        return [field.name for field in fields if isinstance(field, BlindIndexField) and field.of == self.name]


class EncryptedTextField(EncryptedField):
    """Text of at most max_length characters in clear."""

    description = _("加密文本")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(validators.MaxLengthValidator(self.max_length))
        self.validators.append(validators.ProhibitNullCharactersValidator())

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if not isinstance(self.max_length, int) or self.max_length < 1:
            found.append(
                checks.Error(_("EncryptedTextField 需要 max_length（按明文字符数）。"), obj=self, id="guomi.E005")
            )
        return found

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, (str, Sealed)) else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(
            **{
                "form_class": forms.EncryptedTextFormField,
                "max_length": self.max_length,
                "mask": self.mask,
                "empty_value": None if self.null else "",
                **forms.masked_widget(kwargs),
            }
        )


class EncryptedDateField(EncryptedField):
    """A calendar day."""

    description = _("加密日期")
    default_mask = "date"
    empty_strings_allowed = False

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Sealed):
            return value
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, datetime.date):
            return value
        try:
            day = parse_date(str(value))
        except ValueError:
            day = None
        if day is None:
            raise exceptions.ValidationError(_("不是有效的日期：须写作 YYYY-MM-DD"), code="invalid")
        return day

    def dump(self, value: datetime.date) -> str:
        return value.isoformat()

    def load(self, text: str) -> datetime.date:
        return datetime.date.fromisoformat(text)

    def value_from_object(self, obj: models.Model) -> Any:
        """The day as text: a date object would pass through dumpdata in clear."""
        value = super().value_from_object(obj)
        return value.isoformat() if isinstance(value, datetime.date) else value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(
            **{"form_class": forms.EncryptedDateFormField, "mask": self.mask, **forms.masked_widget(kwargs)}
        )


class EncryptedJSONField(EncryptedField):
    """An object or a list. Not editable in forms: a form would send all of it to the browser in clear."""

    description = _("加密 JSON")

    def to_python(self, value: Any) -> Any:
        if value is not None and not isinstance(value, (dict, list, Sealed)):
            raise exceptions.ValidationError(_("须为 JSON 对象或数组"), code="invalid")
        return value

    def dump(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)

    def load(self, text: str) -> Any:
        return json.loads(text)

    def masked(self, value: Any) -> str:
        return masking.STAR * 4 if value else ""

    def same(self, sealed: Sealed, value: Any, pk: str | None) -> bool:
        return value is not sealed.kept and super().same(sealed, value, pk)

    def formfield(self, **kwargs: Any) -> None:
        return None


class NoLookup(models.Lookup):
    """Refuses a comparison with ciphertext, naming what to use instead."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        field = lhs.output_field
        indexes = field.indexes() if isinstance(field, EncryptedField) else []
        instead = "、".join(f"{name}__matches" for name in indexes) or "（该字段没有盲索引）"
        raise exceptions.FieldError(f"字段 {field.name} 已加密，不能用于查询：请改用 {instead}")


class OnlyEmpty(lookups.Exact):
    """`exact ""` finds rows whose value is missing; any other value is refused."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs != "":
            NoLookup(lhs, rhs)
        super().__init__(lhs, rhs)


class IndexAttribute(DeferredAttribute):
    """Always the index of what its source holds now, so that validation of uniqueness sees what will be stored."""

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        if instance is None:
            return self
        if self.field.of in instance.__dict__ and not isinstance(instance.__dict__[self.field.of], Ready):
            return self.field.of_instance(instance)
        return super().__get__(instance, cls)

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class BlindIndexField(models.CharField):
    """HMAC-SM3 of another field's normalised value: `filter(x_index__matches="...")`, `x_index__matches_any=[...]`.

    Filled from its source at every save; NULL while the source is empty, so a unique constraint allows many such rows.
    The key is the field's own: the same number in two models has two indexes. A history table keeps its model's.
    """

    description = _("盲索引")
    descriptor_class = IndexAttribute

    def __init__(self, *args: Any, of: str, normalise: str = "document", **kwargs: Any) -> None:
        self.of, self.normalise = of, normalise
        self.label = ""
        for name, value in (
            ("max_length", 64),
            ("null", True),
            ("blank", True),
            ("editable", False),
            ("db_index", True),
        ):
            kwargs.setdefault(name, value)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        for key, usual in (
            ("max_length", 64),
            ("null", True),
            ("blank", True),
            ("editable", False),
            ("db_index", True),
        ):
            if kwargs.get(key) == usual:
                del kwargs[key]
        if not self.db_index:
            kwargs["db_index"] = False
        return name, path, args, {**kwargs, "of": self.of, "normalise": self.normalise}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            self.label = self.label or f"{cls._meta.label}.{name}"
            models.signals.pre_save.connect(self._follow, sender=cls, dispatch_uid=f"{cls._meta.label}.{name}.index")

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.normalise not in NORMALISERS:
            found.append(checks.Error(_("未知的归一化方式。"), obj=self, id="guomi.E006"))
        if self.of not in {field.name for field in self.model._meta.get_fields()}:
            found.append(checks.Error(_("盲索引所指的字段不存在。"), obj=self, id="guomi.E007"))
        return found

    def index(self, value: Any) -> str | None:
        """The index of a value as people type it; None when nothing is left to look up."""
        normal = NORMALISERS[self.normalise](str(value)) if value not in (None, "") else ""
        return keyring.get().index(self.label, normal) if normal else None

    def of_instance(self, instance: models.Model) -> str | None:
        return self.index(getattr(instance, self.of))

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = self.of_instance(model_instance)
        setattr(model_instance, self.attname, value)
        return value

    def _follow(
        self,
        sender: type[models.Model],
        instance: models.Model,
        using: str,
        raw: bool,
        update_fields: Iterable[str] | None,
        **kwargs: Any,
    ) -> None:
        """save(update_fields=[source]) must not leave the index behind."""
        if raw or update_fields is None or self.of not in update_fields or self.name in update_fields:
            return
        sender._base_manager.using(using).filter(pk=instance.pk).update(**{self.attname: self.of_instance(instance)})


class Matches(lookups.Exact):
    """Compares with the index of a value in any spelling; an empty value finds nothing."""

    lookup_name = "matches"

    def get_prep_lookup(self) -> str:
        return self.lhs.output_field.index(self.rhs) or ""

    def get_rhs_op(self, connection: object, rhs: str) -> str:
        return f"= {rhs}"


class MatchesAny(lookups.In):
    """`matches` with any of several values."""

    lookup_name = "matches_any"

    def get_prep_lookup(self) -> list[str]:
        index: Callable = self.lhs.output_field.index
        return [found for found in map(index, self.rhs) if found]


BlindIndexField.register_lookup(Matches)
BlindIndexField.register_lookup(MatchesAny)
