"""Whom nobody has compared with the card yet."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from residents.models import FaceCheck
from residents.worklists.people import PeopleList, residents
from residents.worklists.registry import register


@register
class Unchecked(PeopleList):
    """Residents with a portrait that no check and no second person has matched with a card."""

    code = "unchecked"
    title = _("未做人证核验的人员")
    order = 25
    field = "check"
    missing = _("人证核验")
    weight = 50

    def found(self, now: datetime) -> QuerySet:
        matched = FaceCheck.objects.filter(person=OuterRef("pk")).matching()
        return residents().exclude(photo="").filter(~Exists(matched)).order_by("community_id", "created_at", "id")
