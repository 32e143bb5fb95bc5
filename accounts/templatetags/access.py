"""{% verbs_of user as verbs %}: what the user may do anywhere, for menus."""

from typing import Any

from django import template

from accounts import access

register = template.Library()
register.simple_tag(access.verbs_of, name="verbs_of")


@register.simple_tag
def may(user: Any, verb: str) -> bool:
    """Does the user hold the verb anywhere?"""
    return access.holds_somewhere(user, verb)
