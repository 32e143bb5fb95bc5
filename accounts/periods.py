"""The page 保存期限: how long each kind of data is kept, why, what would go tonight."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import keeping, purging
from accounts.access import holds_somewhere
from accounts.models import RetentionPeriod
from audit.models import Entry

VERB = "manage_system"


class PeriodsForm(forms.Form):
    """One number of days for each rule, within its own bounds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = keeping.periods()
        for rule in keeping.every():
            told = _("应在 %(least)d 到 %(most)d 天之间。") % {"least": rule.least, "most": rule.most}
            wrong = dict.fromkeys(("required", "invalid", "min_value", "max_value"), told)
            self.fields[rule.code] = forms.IntegerField(
                label=rule.title, initial=days[rule.code], min_value=rule.least, max_value=rule.most,
                error_messages=wrong,
            )  # fmt: skip

    def save(self) -> None:
        """Keep what was changed; each change is an entry of the log."""
        with transaction.atomic():
            for code in self.changed_data:
                RetentionPeriod.objects.update_or_create(code=code, defaults={"days": self.cleaned_data[code]})


@login_required
def periods(request: HttpRequest) -> HttpResponse:
    """Shows the periods, and takes new ones."""
    if not holds_somewhere(request.user, VERB):
        raise Http404
    form = PeriodsForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.save()
        return redirect(f"{reverse('accounts:periods')}?saved=1")
    context = {
        "form": form,
        "rows": _rows(form, timezone.now()),
        "last": Entry.objects.filter(action=purging.ACTION).order_by("-id").first(),
        "saved": "saved" in request.GET,
    }
    return render(request, "accounts/periods.html", context, status=422 if form.errors else 200)


def _rows(form: PeriodsForm, now: datetime) -> list[dict[str, Any]]:
    tonight = purging.expected(now)
    return [
        {"rule": rule, "field": form[rule.code], "tonight": sum(tonight[rule.code].values())}
        for rule in keeping.every()
    ]
