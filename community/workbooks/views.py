"""The pages of importing: upload and try, put right, import, undo."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from accounts import access
from audit import log
from community import tasks
from community.models import Community
from community.workbooks import archives, reading, receiving, running, undoing, writing
from community.workbooks import exporting as workbook
from community.workbooks.models import Import
from community.workbooks.sheets import every

VERB, LOOKING = "edit_people", "view_people"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_ERRORS = 100
BUSY = (Import.State.WAITING, Import.State.RUNNING)


def importing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who keep the register somewhere; anybody else finds no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.holds_somewhere(request.user, VERB):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def exporting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who see people somewhere."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.holds_somewhere(request.user, LOOKING):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def _places(request: HttpRequest) -> Any:
    return access.limit(Community.objects.all(), request.user, VERB, "pk").order_by("name")


def _run(request: HttpRequest, pk: uuid.UUID) -> Import:
    rows = access.limit(Import.objects.select_related("community", "made_by"), request.user, VERB, "community_id")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _xlsx(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@importing
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a workbook, which is tried first; the last imports."""
    wrong = ""
    if request.method == "POST":
        file, chosen = request.FILES.get("file"), request.POST.get("community", "")[:18]
        place = _places(request).filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() else None
        if file is None or place is None:
            wrong = _("请选择小区和 Excel 文件。")
        elif file.size > reading.MAX_BYTES:
            wrong = _("文件过大,最多 20 MB。")
        else:
            run = Import(community=place, file_name=file.name[:100], made_by=request.user)
            run.keep(file.read())
            _start(run)
            return redirect("community:import", pk=run.pk)
    return _list(request, wrong)


def _list(request: HttpRequest, wrong: str = "", **given: Any) -> HttpResponse:
    rows = access.limit(Import.objects.select_related("community", "made_by"), request.user, VERB, "community_id")
    context = {
        "places": _places(request)[:200], "rows": rows.defer("content", "errors")[:30], "wrong": wrong, "sheets": every(),
    }  # fmt: skip
    return render(request, "imports/list.html", context | given, status=422 if wrong else 200)


@csrf_exempt  # the form is read, and its token checked, only once the archive has a place to go to
@require_POST
@importing
def take_photos(request: HttpRequest) -> HttpResponse:
    """A ZIP of photos, which is tried first."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdigit() or int(length) > archives.MAX_BYTES + 2**20:
        return _list(request, _("压缩包过大,最多 600 MB,请分成几个。"))
    handler = receiving.SpoolHandler(request)
    request.upload_handlers = [handler]
    try:
        return _take_photos(request)
    finally:
        if not Import.objects.filter(pk=uuid.UUID(handler.key)).exists():
            handler.discard()


@csrf_protect
def _take_photos(request: HttpRequest) -> HttpResponse:
    file, chosen = request.FILES.get(receiving.FIELD), request.POST.get("community", "")[:18]
    place = _places(request).filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() else None
    declared = bool(request.POST.get("written"))
    if not isinstance(file, receiving.SpooledUpload) or place is None:
        return _list(request, _("请选择小区和照片压缩包。"), written=declared)
    try:
        papers = receiving.papers_of(request.POST.get("papers", "")) if declared else ""
    except ValidationError as error:
        return _list(request, " ".join(error.messages), written=declared)
    run = Import(
        pk=uuid.UUID(file.key), kind=Import.Kind.PHOTOS, community=place, file_name=receiving.told_name(file.name),
        made_by=request.user, papers=papers, spooled=file.size,
    )  # fmt: skip
    _start(run)
    return redirect("community:import", pk=run.pk)


def _start(run: Import) -> None:
    """Wait for the worker; the page can be left and come back to."""
    with transaction.atomic():
        run.save()
        _ask(run)


def _restart(run: Import, before: str) -> None:
    """Once more, unless somebody was quicker: a button pressed twice asks the worker once."""
    wanted = {"state": Import.State.WAITING, "problem": "", "finished_at": None}
    with transaction.atomic():
        rows = Import.objects.filter(pk=run.pk, state=before)
        if rows.update(for_real=run.for_real, mapping=run.mapping, **wanted):
            _ask(run)


def _ask(run: Import) -> None:
    transaction.on_commit(lambda: tasks.carry_out.apply_async([str(run.pk)], ignore_result=True))


@require_GET
@importing
def template(request: HttpRequest) -> HttpResponse:
    """The empty workbook."""
    return _xlsx(writing.template(), "anju-register.xlsx")


@require_POST
@exporting
def export(request: HttpRequest) -> HttpResponse:
    """The register as a workbook, masked; who took it and when stands on every page and in the log, before it leaves."""
    chosen = request.POST.get("community", "")[:18]
    number = int(chosen) if chosen.isascii() and chosen.isdigit() else 0
    place = access.limit(Community.objects.all(), request.user, LOOKING, "pk").filter(pk=number).first()
    if place is None:
        raise Http404
    sheets, now = workbook.sheets_for(request.user, place), timezone.now()
    data, counts = workbook.export(place, sheets, str(request.user), now)
    log.write_now("export_register", target=place, community_id=place.pk, detail=counts, request=request)
    return _xlsx(data, f"register-{place.registration_code}-{timezone.localtime(now):%Y%m%d%H%M}.xlsx")


@importing
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One import: how far it is, what is wrong, what to do next. POST: import it, or try again with other headings."""
    run = _run(request, pk)
    if request.method == "POST" and run.state not in BUSY and run.at_hand:
        deed, before = request.POST.get("deed"), run.state
        run.for_real = deed == "import" and before == Import.State.TRIED
        if deed == "map":
            run.mapping = _mapping(request)
        _restart(run, before)
        return redirect("community:import", pk=pk)
    lines = [(title, number, told) for title, rows in (run.errors or {}).items() for number, told in rows.items()]
    most = (
        archives.MAX_ENTRIES if run.kind == Import.Kind.PHOTOS else SHOWN_ERRORS
    )  # no marked file to look the rest up in
    context = {
        "run": run, "busy": run.state in BUSY, "share": running.progress_of(run), "lines": lines[:most],
        "more": max(len(lines) - most, 0), "unknown": _unknown(run),
    }  # fmt: skip
    return render(request, "imports/one.html", context)


def _unknown(run: Import) -> list[dict[str, Any]]:
    titles = {sheet.title: [column.title for column in sheet.columns] for sheet in every()}
    return [
        {"sheet": title, "heading": heading, "guess": guess, "columns": titles.get(title, [])}
        for title, found in run.unknown.items()
        for heading, guess in found
    ]


def _mapping(request: HttpRequest) -> dict[str, dict[str, str]]:
    """Which heading is meant for which column, as chosen: map:sheet:heading."""
    found: dict[str, dict[str, str]] = {}
    for name, value in list(request.POST.items())[:500]:
        kind, _colon, rest = name.partition(":")
        sheet, _second, heading = rest.partition(":")
        if kind == "map" and heading and value:
            found.setdefault(sheet[:20], {})[heading[:100]] = value[:50]
    return found


@require_GET
@importing
def marked(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The user's own rows with what is wrong in red."""
    run = _run(request, pk)
    if not run.content:
        raise Http404
    try:
        plan = running.examine(run.read(), run.community, run.mapping)
    except reading.WorkbookError:
        raise Http404 from None
    log.write_now(
        "export_register", target=run, community_id=run.community_id, detail={"marked": True}, request=request
    )
    return _xlsx(writing.marked(plan.tables, plan.errors), f"problems-{run.pk.hex[:8]}.xlsx")


@require_POST
@importing
def undo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take an import back as a whole."""
    run = _run(request, pk)
    try:
        undoing.undo(run, timezone.now())
        messages.success(request, _("已整体撤销这次导入。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("community:import", pk=pk)
