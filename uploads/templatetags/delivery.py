"""{% delivery_progress "person" person.pk %}: the four dots 本机—加密—发送—上级."""

from typing import Any

from django import template

from uploads import receipts

register = template.Library()


@register.inclusion_tag("uploads/_progress.html")
def delivery_progress(report: str, pk: Any) -> dict[str, Any]:
    """The progress of one visible subject."""
    return {"progress": receipts.for_subject(report, pk)}
