"""Residents of whom something is missing: a photo, a telephone, a document that holds.

Only who lives here now, and whose record may be changed. Whoever took back the consent to the portrait is not asked again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from residents.models import Consent, Person, Residency
from residents.rights.models import Kind
from residents.worklists.registry import SOON_DAYS, Row, WorkList, desk, joined, register, since, until


def residents() -> QuerySet:
    """People who live here and whose record may be changed."""
    home = Residency.with_merged.filter(person=OuterRef("pk"), moved_out=None)  # the person himself is not merged
    return Person.objects.filter(Exists(home), restricted_at=None)


def refused() -> QuerySet:
    """Keys of those who took the consent to the portrait back and did not give it again; few, hence asked for at once."""
    ended = Consent.objects.filter(notice__kind=Kind.FACE, ending=Consent.Ending.WITHDRAWN)
    again = Consent.objects.active(Kind.FACE).filter(person=OuterRef("person"))
    return ended.filter(~Exists(again), person__isnull=False).values("person")


class PeopleList(WorkList):
    """People with their homes: two queries a page."""

    model = Person
    field: str  # where the desk's form is opened
    missing: object

    def of(self, user: object, now: datetime) -> QuerySet:
        homes = Residency.objects.filter(moved_out=None).select_related("house__building", "house__unit")
        shown = super().of(user, now).select_related("community")
        return shown.prefetch_related(Prefetch("residencies", homes, to_attr="homes"))

    def told(self, rows: Sequence[Person], now: datetime) -> list[Row]:
        return [
            Row(
                person.name_masked(), joined(home.house.label for home in person.homes), person.community.name,
                self.lacks(person, now), *self.urgency(person, now), desk(person=person.pk, field=self.field),
            )
            for person in rows
        ]  # fmt: skip

    def lacks(self, person: Person, now: datetime) -> str:
        """What is missing, in words."""
        return str(self.missing)

    def urgency(self, person: Person, now: datetime) -> tuple[str, str]:
        """In words, and as a tone."""
        return since(person.created_at, now)


@register
class NoPhoto(PeopleList):
    """Without a portrait, asked for it or not yet asked; who took the consent back is left in peace."""

    weight = 70
    code, title, order, field = "no-photo", gettext_lazy("缺照片的人员"), 20, "photo"
    missing = gettext_lazy("人像照片")

    def found(self, now: datetime) -> QuerySet:
        return residents().filter(photo="").exclude(pk__in=refused()).order_by("community_id", "created_at", "id")


@register
class NoPhone(PeopleList):
    """Without a telephone the upper platform does not take the record (B.2.2)."""

    weight = 15
    code, title, order, field = "no-phone", gettext_lazy("缺电话的人员"), 30, "phone"
    missing, tone = gettext_lazy("联系电话(上报必填)"), "bad"

    def found(self, now: datetime) -> QuerySet:
        return residents().filter(phone_index=None).order_by("community_id", "created_at", "id")


@register
class Documents(PeopleList):
    """The document has run out or soon will; the longest over first."""

    weight = 40
    code, title, order, field = "documents", gettext_lazy("证件到期的人员"), 60, "document_validity"

    def found(self, now: datetime) -> QuerySet:
        last = timezone.localdate(now) + timedelta(days=SOON_DAYS)
        return residents().filter(document_expires__lte=last).order_by("document_expires", "id")

    def lacks(self, person: Person, now: datetime) -> str:
        return _("%(kind)s有效期至 %(day)s") % {
            "kind": person.get_document_type_display(), "day": f"{person.document_expires:%Y-%m-%d}",
        }  # fmt: skip

    def urgency(self, person: Person, now: datetime) -> tuple[str, str]:
        return until(person.document_expires, timezone.localdate(now))
