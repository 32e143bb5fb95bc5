"""The review pages: the time line, a session as a story, who looked at somebody, what is unusual, folders, how the log stands."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from audit import bundles, canonical, log, merkle, proofs, tasks, words
from audit.models import Entry, Folder, FolderItem, Head, Leaf, scope
from audit.review import standing, timeline, unusual

MOST_IN_FOLDER = 2000
MOST_OF_STORY = 1000
DAY_SECONDS = 86400
PAUSE_SECONDS = 900  # a gap in a story that is worth showing


def reviewing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who may review the log somewhere; anybody else finds no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not scope.reviews(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def _looked(request: HttpRequest, **detail: Any) -> None:
    """Looking at the log is a deed as well."""
    log.write_now(
        "view_log", detail={name: str(value)[:100] for name, value in detail.items() if value}, request=request
    )


def _entry(request: HttpRequest, pk: int) -> Entry:
    found = Entry.objects.visible_to(request.user).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


@require_GET
@reviewing
def show(request: HttpRequest) -> HttpResponse:
    """The time line."""
    filters = timeline.Filters.read(request.GET)
    before = request.GET.get("before", "")
    found = timeline.page(
        request.user, filters, int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    )
    _looked(request, **filters.asked)
    context = {
        "page": found, "filters": filters, "chips": filters.chips(), "choices": timeline.choices(request.user),
        "older": filters.query(before=found.older) if found.older else "",
        "folders": Folder.objects.visible_to(request.user)[:20], "here": "timeline",
        "places": scope.places(request.user),
    }  # fmt: skip
    return render(request, "audit/timeline.html", context)


@require_GET
@reviewing
def story(request: HttpRequest, mark: str) -> HttpResponse:
    """One session from its sign-in to its end, pauses included."""
    rows = Entry.objects.visible_to(request.user).filter(session=mark).order_by("id")
    entries = list(rows[:MOST_OF_STORY])
    if not entries:
        raise Http404
    _looked(request, session=mark)
    told, last = [], None
    for line in timeline.lines(entries, request.user):
        pause = int((line.entry.at - last).total_seconds()) if last else 0
        told.append((line, pause // 60 if pause > PAUSE_SECONDS else 0))
        last = line.entry.at
    context = {
        "told": told, "first": entries[0], "last": entries[-1], "minutes": int((entries[-1].at - entries[0].at).total_seconds() // 60),
        "here": "timeline",
    }  # fmt: skip
    return render(request, "audit/story.html", context)


@require_GET
@reviewing
def about(request: HttpRequest, label: str, pk: str) -> HttpResponse:
    """谁看过我: everything the log says of one record, who looked at it how often, what was changed from what to what."""
    if "\0" in label + pk:
        raise Http404
    rows = Entry.objects.visible_to(request.user).filter(target_model=label, target_id=pk).order_by("-id")
    entries = list(rows[:MOST_OF_STORY])
    if not entries:
        raise Http404
    _looked(request, kind=label, object=pk)
    lookers: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.action in unusual.LOOKS and entry.outcome == Entry.Outcome.DONE:
            who = lookers.setdefault(entry.actor, {"role": entry.role, "count": 0, "reveals": 0, "last": entry.at})
            who["count"] += 1
            who["reveals"] += entry.action == "reveal"
    known = timeline.subjects(entries[:1], request.user)
    context = {
        "subject": known.get((label, pk), ""), "kind": words.target(label), "pk": pk, "label": label,
        "lookers": sorted(lookers.items(), key=lambda pair: -pair[1]["count"]), "lines": timeline.lines(entries, request.user),
        "changes": [(entry, words.changes(entry)) for entry in entries if entry.detail.get("changes")], "here": "timeline",
    }  # fmt: skip
    return render(request, "audit/about.html", context)


@require_GET
@reviewing
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry whole, and its proof in words."""
    found = _entry(request, pk)
    _looked(request, entry=pk)
    context = {
        "line": timeline.lines([found], request.user)[0], "changes": words.changes(found), "proof": _proof(found),
        "detail": words.details(found),
        "folders": Folder.objects.visible_to(request.user)[:20], "here": "timeline",
    }  # fmt: skip
    return render(request, "audit/entry.html", context)


def _proof(found: Entry) -> dict[str, Any]:
    """{place, head, steps, holds}: computed now, from what the row says now."""
    place = Leaf.objects.filter(entry_id=found.pk).values_list("index", flat=True).first()
    head = Head.objects.filter(size__gt=place).order_by("size").first() if place is not None else None
    if place is None or head is None:
        return {}
    path = proofs.Tree(head).inclusion(place)
    holds = merkle.includes(canonical.leaf(found.values()), place, head.size, path, bytes.fromhex(head.root))
    return {"place": place, "head": head, "steps": len(path), "holds": holds}


@require_GET
@reviewing
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The bundle of one entry."""
    found = _entry(request, pk)
    log.write_now("export_log", detail={"entries": 1, "entry": pk}, request=request)
    return _bundle(request, [found], f"entry-{pk}", title=_("审计记录 %(pk)s") % {"pk": pk})


@require_GET
@reviewing
def flagged(request: HttpRequest) -> HttpResponse:
    """What is unusual, rule by rule."""
    _looked(request, page="unusual")
    found = unusual.flagged(request.user, timezone.now())
    told = [
        (rule, [(one, timeline.Filters({k: str(v) for k, v in one.query.items()}).query()) for one in findings])
        for rule, findings in found
    ]
    return render(request, "audit/unusual.html", {"told": told, "here": "unusual", "days": unusual.DAYS})


@require_GET
@reviewing
def state(request: HttpRequest) -> HttpResponse:
    """How the log stands."""
    _looked(request, page="state")
    context = {
        "lights": standing.lights(timezone.now()), "here": "state", "key": bundles.public_keys()[-1],
        "heads": Head.objects.order_by("-size")[:10],
        "verified": Entry.objects.filter(action="verify_log").order_by("-id")[:5],
    }  # fmt: skip
    return render(request, "audit/state.html", context)


@require_POST
@reviewing
def verify(request: HttpRequest) -> HttpResponse:
    """Ask the worker for a verification; its outcome is an entry, shown on the page."""
    tasks.verify.apply_async(expires=600, ignore_result=True)
    messages.success(request, _("已开始校验,结果稍后显示在本页。"))
    return redirect("audit:state")


@reviewing
def folders(request: HttpRequest) -> HttpResponse:
    """One's folders; POST makes one."""
    wrong = ""
    if request.method == "POST":
        name, reason = _text(request, "name"), _text(request, "reason")
        if name and len(name) <= 60 and len(reason) >= 4 and len(reason) <= 100:
            with transaction.atomic():
                made = Folder.objects.create(name=name, reason=reason, made_by_id=request.user.pk)
                log.write("make_folder", target=made, reason=reason, request=request)
            return redirect("audit:folder", pk=made.pk)
        wrong = _("请填写名称(最多 60 字)和案由或案件编号(4 至 100 字)。")
    context = {"folders": Folder.objects.visible_to(request.user)[:100], "wrong": wrong, "here": "folders"}
    return render(request, "audit/folders.html", context, status=422 if wrong else 200)


def _text(request: HttpRequest, name: str) -> str:
    """What a form says, without the one letter no database keeps."""
    return request.POST.get(name, "").replace("\0", "").strip()


def _folder(request: HttpRequest, pk: int) -> Folder:
    found = Folder.objects.visible_to(request.user).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


@reviewing
def folder(request: HttpRequest, pk: int) -> HttpResponse:
    """One folder: its entries and notes; POST adds or takes out entries, or keeps the notes."""
    found = _folder(request, pk)
    if request.method == "POST":
        _change(request, found)
        return redirect("audit:folder", pk=pk)
    notes = dict(found.items.values_list("entry_id", "note"))
    entries = Entry.objects.visible_to(request.user).filter(pk__in=notes).order_by("id")
    lines = [(line, notes[line.entry.pk]) for line in timeline.lines(entries, request.user)]
    _looked(request, folder=pk)
    return render(request, "audit/folder.html", {"folder": found, "lines": lines, "here": "folders"})


def _change(request: HttpRequest, found: Folder) -> None:
    asked = [
        int(one) for one in request.POST.getlist("entry")[:500] if one.isascii() and one.isdigit() and len(one) < 18
    ]
    with transaction.atomic():
        if request.POST.get("deed") == "take_out":
            found.items.filter(entry_id__in=asked).delete()
        elif request.POST.get("deed") == "notes":
            Folder.objects.filter(pk=found.pk).update(notes=_text(request, "notes")[:5000])
        else:
            room = MOST_IN_FOLDER - found.items.count()
            visible = Entry.objects.visible_to(request.user).filter(pk__in=asked).values_list("pk", flat=True)
            made = [FolderItem(folder=found, entry_id=pk) for pk in list(visible)[:room]]
            FolderItem.objects.bulk_create(made, ignore_conflicts=True)
            messages.success(request, _("已放入案卷 %(count)d 条。") % {"count": len(made)})
        log.write(
            "change_folder",
            target=found,
            detail={"deed": _text(request, "deed")[:20] or "add", "entries": len(asked)},
            request=request,
        )


@require_POST
@reviewing
def export_folder(request: HttpRequest, pk: int) -> HttpResponse:
    """The folder as a signed bundle with proofs and a page to read and print."""
    found = _folder(request, pk)
    ids = list(found.items.values_list("entry_id", flat=True))
    entries = list(Entry.objects.visible_to(request.user).filter(pk__in=ids))
    log.write_now("export_log", target=found, reason=found.reason, detail={"entries": len(entries)}, request=request)
    return _bundle(request, entries, f"folder-{pk}", title=f"{found.name} {found.reason}", notes=found.notes)


@require_POST
@reviewing
def export(request: HttpRequest) -> HttpResponse:
    """What the time line's filters find, at most 5,000 entries, as a signed bundle."""
    filters = timeline.Filters.read(request.POST)
    rows = filters.limit(Entry.objects.visible_to(request.user)).order_by("-id")
    entries = list(rows[: bundles.MOST_SELECTED])
    detail = {"entries": len(entries), "filters": sorted(filters.asked)}
    log.write_now("export_log", detail=detail, request=request)
    return _bundle(
        request, entries, f"log-{uuid.uuid4().hex[:8]}", title=" ".join(chip["value"] for chip in filters.chips())
    )


def _bundle(request: HttpRequest, entries: list[Entry], name: str, *, title: str, notes: str = "") -> HttpResponse:
    try:
        data = bundles.as_bytes(
            lambda target: bundles.of_entries(
                target, entries, by=str(request.user), now=timezone.now(), title=title, notes=notes
            )
        )
    except bundles.NothingSealed:
        messages.error(request, _("还没有封存点,请稍后再试。"))
        return redirect("audit:timeline")
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="anju-audit-{name}.zip"'
    return response
