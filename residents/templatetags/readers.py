"""What the reading pane needs, in whatever page it stands."""

from django import template

from residents.readers.kinds import KINDS, Kind
from residents.readers.tables import tables

register = template.Library()
register.simple_tag(tables, name="reader_tables")


@register.simple_tag
def reader_kinds() -> tuple[Kind, ...]:
    """The kinds of reader to choose from."""
    return KINDS
