"""What a text of a form may hold."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from standard.numbers import NumberError, identity, mobile

CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def half_width(text: str) -> str:
    """Full-width letters and digits as the usual ones, spaces at the ends gone."""
    return unicodedata.normalize("NFKC", text or "").strip()


def of_other_communities(row: Any, *names: str) -> dict[str, Any]:
    """Complaints about related rows that belong to another community than the row itself, by their field."""
    here = row.community_id
    found = {name: getattr(row, name) for name in names if getattr(row, f"{name}_id")}
    return {name: _("与记录不在同一小区。") for name, one in found.items() if here and one.community_id != here}


def validate_plain_text(text: str) -> None:
    """No emoji, no control characters: the upper platform refuses them."""
    for character in str(text):
        kind = unicodedata.category(character)
        if kind in {"So", "Cs", "Co", "Cn", "Cf"} or (kind == "Cc" and character not in "\r\n\t"):
            raise ValidationError(_("不能含有表情符号或不可见字符,请删除后再保存。"), code="characters")


def validate_code(text: str) -> None:
    """Letters, digits, dashes."""
    if not CODE.fullmatch(text):
        raise ValidationError(_("只能用字母、数字、横线,最多 64 个。"), code="code")


def validate_phone(text: str) -> None:
    """A telephone number that can be called."""
    try:
        mobile.parse(text)
    except NumberError as error:
        raise ValidationError(error.message, code=error.kind) from error


def validate_identity(text: str) -> None:
    """A citizen's identity number or a permit's."""
    try:
        identity.parse(text)
    except NumberError as error:
        raise ValidationError(error.message, code=error.kind) from error
