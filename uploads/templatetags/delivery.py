"""{% delivery_progress "person" person.pk %}: the four dots 本机—加密—发送—上级; {% delivery_panel %}: with what happened."""

from typing import Any

from django import template

from accounts.access import holds_somewhere
from uploads import receipts, reports
from uploads.models import Receipt
from uploads.querysets import VERB

LAST = 5
register = template.Library()


@register.inclusion_tag("uploads/_progress.html")
def delivery_progress(report: str, pk: Any) -> dict[str, Any]:
    """The progress of one visible subject."""
    return {"progress": receipts.for_subject(report, pk)}


@register.inclusion_tag("uploads/_way.html")
def delivery_panel(report: str, pk: Any, user: Any) -> dict[str, Any]:
    """The progress of one visible subject and its last receipts; nothing for somebody who may not see delivery."""
    if pk is None or not holds_somewhere(user, VERB):
        return {}
    rows = Receipt.objects.filter(report=report, subject_id=reports.subject_key(pk)).order_by("-at", "-pk")[:LAST]
    return {"progress": receipts.for_subject(report, pk), "receipts": rows}
