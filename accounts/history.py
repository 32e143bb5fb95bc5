"""The history of a record without its personal values: what changed, masked before and after."""

from typing import Any

from simple_history.models import ModelChange, ModelDelta
from simple_history.template_utils import HistoricalRecordContextHelper

from guomi.fields import BlindIndexField, EncryptedField


class MaskedHistory(HistoricalRecordContextHelper):
    """Blind indexes are left out: they change with their field and tell nothing."""

    def context_for_delta_changes(self, delta: ModelDelta) -> list[dict[str, Any]]:
        field = self.model._meta.get_field
        delta.changes[:] = [one for one in delta.changes if not isinstance(field(one.field), BlindIndexField)]
        return super().context_for_delta_changes(delta)

    def prepare_delta_change_value(self, change: ModelChange, value: Any) -> Any:
        field = self.model._meta.get_field(change.field)
        if isinstance(field, EncryptedField):
            return field.masked(value)
        return super().prepare_delta_change_value(change, value)
