"""`{{ person.name|masked:"name" }}`"""

from django import template

from guomi import masking

register = template.Library()


@register.filter
def masked(value: object, kind: str = "text") -> str:
    """The mask of a value; kind is one of guomi.masking.KINDS."""
    return masking.mask(kind, value)
