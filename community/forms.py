"""Form fields of the field's own kind."""

from typing import Any

from django import forms

from community.validators import half_width, validate_plain_text


class PlainTextField(forms.CharField):
    """Text made half-width, refused where it holds control characters or emoji."""

    default_validators = [validate_plain_text]

    def to_python(self, value: Any) -> str:
        return half_width(super().to_python(value))
