"""Two records of one person side by side: what each says, where they differ, and what may be taken over."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from guomi.fields import BlindIndexField, DecryptionError, EncryptedField
from guomi.pictures import EncryptedPictureField
from residents.models import Consent, Person
from residents.rights.consenting import RESTS_ON
from residents.rights.models import Kind

# What goes together: the number says when somebody was born and whether it is a man.
DOCUMENT = "document_number"
TOGETHER = {
    DOCUMENT: (
        "document_type", "document_number", "birth_date", "sex", "document_issuer", "document_validity",
    )
}  # fmt: skip
PHOTO = "photo"


@dataclass(frozen=True)
class Choice:
    """One thing to choose: its code, its name, and the fields that go with it."""

    code: str
    title: Any
    fields: tuple[str, ...]


@cache
def choices() -> tuple[Choice, ...]:
    """Everything of a person that can be taken over, in the order of the model."""
    grouped = {name for fields in TOGETHER.values() for name in fields}
    found = []
    for field in Person._meta.concrete_fields:
        if isinstance(field, BlindIndexField) or field.is_relation or not field.editable or field.primary_key:
            continue
        if field.name in TOGETHER:
            found.append(Choice(field.name, _("证件"), TOGETHER[field.name]))
        elif field.name not in grouped and field.name != "created_at":
            found.append(Choice(field.name, field.verbose_name, (field.name,)))
    return tuple(found)


def fields_of(codes: Any) -> tuple[str, ...]:
    """The fields of these choices; ValidationError for a code that is none."""
    known = {choice.code: choice.fields for choice in choices()}
    if strange := set(codes) - set(known):
        raise ValidationError(_("没有这个信息项:%(name)s。"), params={"name": "、".join(sorted(strange)[:5])})
    return tuple(name for code, fields in known.items() if code in set(codes) for name in fields)


@dataclass(frozen=True)
class Line:
    """One line of the page: what the two say, masked; `taken` is what is proposed."""

    code: str
    title: Any
    kept: list[str]
    gone: list[str]
    same: bool
    taken: bool


def lines(kept: Person, gone: Person) -> list[Line]:
    """What one of them says at all. The kept one's is proposed unless it says nothing."""
    found = []
    for choice in choices():
        mine, theirs = shown(kept, choice), shown(gone, choice)
        if not any(mine) and not any(theirs):
            continue
        same = all(value(kept, name) == value(gone, name) for name in choice.fields)
        found.append(Line(choice.code, choice.title, mine, theirs, same, not any(mine) and any(theirs)))
    return found


def shown(person: Person, choice: Choice) -> list[str]:
    """What a record says of it, masked: one text a field."""
    return [text for name in choice.fields if (text := _shown(person, name))]


def _shown(person: Person, name: str) -> str:
    field = Person._meta.get_field(name)
    held = getattr(person, name)
    if isinstance(field, EncryptedPictureField):
        return str(_("有照片")) if held else ""
    if isinstance(field, EncryptedField):
        return field.masked(held) if held else ""
    if isinstance(field, models.BooleanField):
        return "" if held is None else str(_("是") if held else _("否"))
    return str(getattr(person, f"get_{name}_display")()) if field.choices and held else str(held or "")


def value(person: Person, name: str) -> Any:
    """What a field says, to compare and to keep: a picture as its bytes, a day as text."""
    field = Person._meta.get_field(name)
    held = getattr(person, name)
    if isinstance(field, EncryptedPictureField):
        return _pixels(held) if held else b""
    return held.isoformat() if hasattr(held, "isoformat") else held


def _pixels(picture: Any) -> bytes:
    """A picture that does not open is like none but itself."""
    try:
        return picture.read_clear()
    except DecryptionError:
        return picture.name.encode()


def refusals(kept: Person, gone: Person) -> list[Any]:
    """Why these two records cannot become one, in words; nothing stands against it when it is empty."""
    found: list[Any] = []
    if kept.pk == gone.pk:
        found.append(_("这是同一份档案。"))
    if kept.community_id != gone.community_id:
        found.append(_("两份档案不在同一小区,不能合并。"))
    if kept.merged_into_id or gone.merged_into_id:
        found.append(_("其中一份档案已被合并,请刷新后再看。"))
    if kept.restricted_at or gone.restricted_at:
        # Restricted data are stored and nothing else (PIPL 47): merging them uses them, and would pass them on to a
        # record that is delivered. Whoever lifts the restriction answers for it; a merge must not do it on the side.
        found.append(_("其中一人的信息已限制处理,只存储、不使用,不能合并;解除限制后再合并。"))
    return found + [told for kind, told in DISAGREED.items() if _disagree(kept, gone, kind)]


DISAGREED = {
    Kind.FACE: _("一份档案撤回了人像同意,另一份仍有更早的同意:请先在“权利请求”撤回,或请本人重新同意。"),
    Kind.SENSITIVE: _("一份档案撤回了敏感信息同意,另一份仍有更早的同意:请先在“权利请求”撤回,或请本人重新同意。"),
}


def _disagree(kept: Person, gone: Person, kind: str) -> bool:
    """A withdrawal in one record speaks for the same human being in the other: nobody has acted on it there yet."""
    consents = Consent.objects.filter(person__in=[kept, gone], notice__kind=kind)
    withdrawn = consents.filter(ending=Consent.Ending.WITHDRAWN).order_by("-ended_at").first()
    return withdrawn is not None and consents.filter(ended_at=None, given_at__lt=withdrawn.ended_at).exists()


def not_allowed(kept: Person, gone: Person, fields: Any) -> list[Any]:
    """What of the chosen fields may not be taken over: a portrait without a consent that holds (PIPL 29)."""
    rests = set(RESTS_ON[Kind.FACE]) & {name for name in fields if getattr(gone, name)}
    agreed = Consent.objects.filter(person__in=[kept, gone]).active(Kind.FACE).exists
    return [_("两份档案都没有有效的人像同意,不能采用照片。")] if rests and not agreed() else []
