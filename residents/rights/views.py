"""The pages 权利请求: the work list, one person's sheet, one request. Thin: the deeds are in requests and consenting."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import access
from accounts.looking import looked
from audit import log
from residents.models import Case, Consent, Person
from residents.rights import consenting, requests
from residents.rights.consenting import ConsentInput
from residents.rights.dossier import dossier
from residents.rights.forms import CaseForm, ConsentForm, FindForm
from residents.rights.models import Kind

VERB = "handle_rights"
MOST_FOUND, MOST_CLOSED = 20, 30


def handling(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who answer requests somewhere; anybody else finds no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.holds_somewhere(request.user, VERB):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def people_of(request: HttpRequest) -> Any:
    """People whose requests the user answers."""
    return access.limit(Person.objects.all(), request.user, VERB, "community_id")


def person_or_404(request: HttpRequest, pk: uuid.UUID) -> Person:
    person = people_of(request).filter(pk=pk).first()
    if person is None:
        raise Http404
    return person


def case_or_404(request: HttpRequest, pk: uuid.UUID) -> Case:
    case = Case.objects.visible_to(request.user).select_related("person", "closed_by").filter(pk=pk).first()
    if case is None:
        raise Http404
    return case


@handling
def worklist(request: HttpRequest) -> HttpResponse:
    """Requests to answer, by their deadline; and finding somebody who makes one (posted: no name in an address)."""
    form = FindForm(request.POST if request.method == "POST" else None)
    found: Any = []
    if form.is_valid():
        looked(request, Person, VERB, form.cleaned_data["wanted"], [])
        found = people_of(request).search(form.cleaned_data["wanted"])[:MOST_FOUND]
    cases, today = Case.objects.visible_to(request.user).select_related("person", "community"), timezone.localdate()
    context = {
        "form": form,
        "found": found,
        "rows": [(case, case.days_left(today)) for case in cases.open()[:200]],
        "closed": cases.exclude(state=Case.State.OPEN).order_by("-closed_at")[:MOST_CLOSED],
    }
    return render(request, "rights/worklist.html", context)


@require_GET
@handling
def sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One person: consents, requests, restriction."""
    person = person_or_404(request, pk)
    log.write_now("view", target=person, community_id=person.community_id, request=request)
    return _sheet(request, person)


def _sheet(
    request: HttpRequest, person: Person, case_form: Any = None, consent_form: Any = None, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    context = {
        "person": person,
        "homes": person.residencies.select_related("house__building", "house__unit", "house__community"),
        "consents": Consent.objects.filter(person=person).select_related("notice", "recorded_by", "ended_by"),
        "cases": Case.objects.filter(person=person),
        "case_form": case_form or CaseForm(),
        "consent_form": consent_form or ConsentForm(),
        "guarded": consenting.needs_guardian(person.birth_date, timezone.localdate(now)),
    }
    return render(request, "rights/sheet.html", context, status=status)


@require_POST
@handling
def take_case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a request down."""
    person, form = person_or_404(request, pk), CaseForm(request.POST)
    if form.is_valid():
        try:
            case = requests.open_case(person, **form.cleaned_data, user=request.user, now=timezone.now())
        except ValidationError as error:
            _tell(form, error)
        else:
            return redirect("residents:rights_case", pk=case.pk)
    return _sheet(request, person, case_form=form, status=422)


@require_POST
@handling
def give_consent(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write a consent into the ledger."""
    person, form = person_or_404(request, pk), ConsentForm(request.POST)
    if form.is_valid():
        given = ConsentInput(form.cleaned_data["how"], form.cleaned_data["guardian"])
        try:
            consenting.give(person, form.cleaned_data["kind"], given, user=request.user, now=timezone.now())
        except ValidationError as error:
            _tell(form, error)
        else:
            return redirect("residents:rights_person", pk=person.pk)
    return _sheet(request, person, consent_form=form, status=422)


@require_POST
@handling
def withdraw_consent(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a consent, at once and without a reason: withdrawing is as easy as giving."""
    person, kind = person_or_404(request, pk), request.POST.get("kind", "")
    if kind not in (Kind.FACE, Kind.SENSITIVE):
        raise Http404
    emptied = consenting.withdraw(person, kind, user=request.user, now=timezone.now())
    names = "、".join(consenting.named(emptied))
    told = _("已撤回同意,已删除:%(names)s。") % {"names": names} if names else _("已撤回同意。")
    messages.success(request, told, "ok")
    return redirect("residents:rights_person", pk=person.pk)


@require_POST
@handling
def lift_restriction(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a restriction."""
    person = person_or_404(request, pk)
    requests.lift(person, user=request.user, now=timezone.now())
    return redirect("residents:rights_person", pk=person.pk)


@require_GET
@handling
def show_case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One request, with what can be done about it."""
    return _case(request, case_or_404(request, pk))


def _case(request: HttpRequest, case: Case, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
    now = timezone.now()
    deletable = case.wish == Case.Wish.DELETE and case.state == Case.State.OPEN and case.person
    may = requests.erasable(case.person, now) if deletable else None
    context = {
        "case": case,
        "left": case.days_left(timezone.localdate(now)),
        "may": may,
        "may_ground": Case.Ground(may.ground).label if may and may.ground else "",
        "grounds": Case.Ground.choices,
        "problems": problems or [],
    }
    return render(request, "rights/case.html", context, status=status)


@require_POST
@handling
def meet_case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Do what is wished, as far as the law allows."""
    case = case_or_404(request, pk)
    try:
        requests.meet(case, user=request.user, now=timezone.now())
    except ValidationError as error:
        return _case(request, case_or_404(request, pk), error.messages, 422)
    return redirect("residents:rights_case", pk=case.pk)


@require_POST
@handling
def refuse_case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Answer that it is not met, and why."""
    case = case_or_404(request, pk)
    try:
        requests.refuse(case, request.POST.get("ground", ""), user=request.user, now=timezone.now())
    except ValidationError as error:
        return _case(request, case_or_404(request, pk), error.messages, 422)
    return redirect("residents:rights_case", pk=case.pk)


@require_POST
@handling
def export(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The ZIP of everything held, while the request to have it is open; in the log before it leaves."""
    case = case_or_404(request, pk)
    if case.wish != Case.Wish.EXPORT or case.state != Case.State.OPEN or case.person is None:
        raise Http404
    log.write_now("rights_export", target=case.person, community_id=case.community_id, request=request)
    response = HttpResponse(dossier(case.person, now=timezone.now()), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="my-data-{case.received_on:%Y%m%d}.zip"'
    response["Cache-Control"] = "no-store"
    return response


def _tell(form: forms.Form, error: ValidationError) -> None:
    facts = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, problems in facts.items():
        form.add_error(name if name in form.fields else None, problems)
