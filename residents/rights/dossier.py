"""Everything held of one person, for himself: data.json, a page to read, the pictures; in one ZIP, never on disk."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import words
from audit.models import Entry
from community.models import House
from guomi.fields import BlindIndexField
from guomi.pictures import EncryptedPictureField
from residents.erasure import vehicles_of
from residents.models import Case, Consent, Likeness, Merge, Person, Residency, Vehicle, Worker
from uploads import reports
from uploads.models import Receipt

# Registered by the floors above: what else is held of a person, as [(model, newest rows first)].
also_held: list[Callable[[Person, list[Vehicle]], list[tuple[type[models.Model], models.QuerySet]]]] = []
MOST_PICTURES = 60  # some 180 MB at the very most
MOST_ROWS = 1000  # of each kind; the newest
PRIVATE = ("client_key", "other")  # of the form; of somebody else
LOOKS = ("view", "view_picture", "reveal", "rights_export")


def dossier(person: Person, *, now: datetime) -> bytes:
    """The ZIP. The caller has logged it before."""
    sections, pictures = held(person)
    facts = {"made_at": _plain(now), "person": str(person.pk), "sections": sections}
    page = render_to_string("rights/dossier.html", {"sections": sections, "now": now})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(facts, ensure_ascii=False, indent=1))
        archive.writestr("我的信息.html", page)
        for name, read in pictures.items():
            archive.writestr(f"pictures/{name}", read())
    return out.getvalue()


def held(person: Person) -> tuple[list[dict[str, Any]], dict[str, Callable[[], bytes]]]:
    """([{title, rows: [{label: text}]}], {file name: how to read it})."""
    pictures: dict[str, Callable[[], bytes]] = {}
    people = [person, *Person.with_merged.filter(merged_into=person)]  # what was merged into his record is his
    homes = list(Residency.with_merged.filter(person__in=people))
    vehicles = list({row.pk: row for one in people for row in vehicles_of(one)}.values())
    kinds: list[tuple[type[models.Model], list[models.Model]]] = [
        (Person, people), (Residency, homes), (Worker, list(Worker.with_merged.filter(person__in=people))),
        (Vehicle, vehicles), (House, _owned(people)), (Consent, list(Consent.objects.filter(person__in=people))),
        (Case, list(Case.objects.filter(person__in=people))), (Merge, list(Merge.objects.filter(kept=person))),
        (Likeness, list(Likeness.objects.filter(person__in=people))),
    ]  # fmt: skip
    for more in also_held:
        kinds += [(model, list(rows[:MOST_ROWS])) for model, rows in more(person, vehicles)]
    sections = [
        {"title": str(model._meta.verbose_name), "rows": [_row(row, pictures) for row in rows]} for model, rows in kinds
    ]
    sections += [_versions(people, homes, vehicles), _deliveries(people, homes, vehicles), _looks(people, homes)]
    return [section for section in sections if section["rows"]], pictures


def _owned(people: list[Person]) -> list[House]:
    """Houses of the community whose owner has the number, or one of the numbers, of the person."""
    numbers = [one.document_number for one in people if one.document_number]
    place = people[0].community_id
    return list(House.objects.filter(community=place, owner_number_index__matches_any=numbers)) if numbers else []


def _row(row: models.Model, pictures: dict[str, Callable[[], bytes]]) -> dict[str, str]:
    shown = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(field, BlindIndexField) or field.primary_key or field.name in PRIVATE or not value:
            continue
        if isinstance(field, EncryptedPictureField) and len(pictures) >= MOST_PICTURES:
            shown[str(field.verbose_name)] = _("另有照片未附,可另行索取")
        elif isinstance(field, EncryptedPictureField):
            name = f"{row._meta.model_name}-{field.name}-{len(pictures) + 1}.jpg"
            pictures[name] = value.read_clear
            shown[str(field.verbose_name)] = f"pictures/{name}"
        else:
            shown[str(field.verbose_name)] = _text(row, field)
    return shown


def _text(row: models.Model, field: models.Field) -> str:
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if field.is_relation:
        related = getattr(row, field.name)
        return str(getattr(related, "label", None) or related or "")
    return _plain(getattr(row, field.name))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value)


def _versions(people: list[Person], homes: list[Residency], vehicles: list[Vehicle]) -> dict[str, Any]:
    """When records of the person were changed, and what they said then."""
    rows: list[dict[str, str]] = []
    for model, keys in (
        (Person, [one.pk for one in people]), (Residency, [row.pk for row in homes]),
        (Vehicle, [row.pk for row in vehicles]),
    ):  # fmt: skip
        for version in model.history.filter(id__in=keys).order_by("-history_date")[:MOST_ROWS]:
            said = {
                str(field.verbose_name): _text(version, version._meta.get_field(field.name))
                for field in model._meta.concrete_fields
                if not isinstance(field, (BlindIndexField, EncryptedPictureField))
                and not field.primary_key and not field.is_relation and getattr(version, field.attname, None)
            }  # fmt: skip
            rows.append({str(model._meta.verbose_name): _plain(version.history_date), **said})
    return {"title": _("历史版本"), "rows": rows}


def _deliveries(people: list[Person], homes: list[Residency], vehicles: list[Vehicle]) -> dict[str, Any]:
    """What of the person went to the upper platform, when."""
    held = {"person": people, "residency": homes, "vehicle": vehicles}
    subjects = {report: [row.pk for row in rows] for report, rows in held.items()}
    titles, rows = reports.names(), []
    for report, keys in subjects.items():
        sent = Receipt.objects.filter(report=report, subject_id__in=[key.hex for key in keys])
        rows += [
            {
                _("时间"): _plain(receipt.at),
                _("内容"): str(titles[report]),
                _("接收方"): _("上级平台"),
                _("结果"): receipt.get_outcome_display(),
            }
            for receipt in sent.order_by("-at")[:MOST_ROWS]
        ]
    return {"title": _("向上级平台报送"), "rows": rows}


def _looks(people: list[Person], homes: list[Residency]) -> dict[str, Any]:
    """Who looked, by office rather than by name: when, at what, why."""
    keys = [str(row.pk) for row in (*people, *homes)]
    entries = Entry.objects.filter(target_id__in=keys, action__in=LOOKS).order_by("-id")[:MOST_ROWS]
    return {"title": _("被查看的记录"), "rows": list(_look_rows(entries))}


def _look_rows(entries: Any) -> Iterator[dict[str, str]]:
    for entry in entries:
        yield {_("时间"): _plain(entry.at), _("操作"): words.action(entry.action), _("理由"): entry.reason}
