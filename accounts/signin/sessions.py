"""Sessions a user can see and end: each sign-in has a row, ending one takes the session itself away."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.signin.models import SignIn
from audit import log

SEEN, FACTOR = "seen", "factor_at"  # keys of the session
SEEN_EVERY = 60  # seconds
POLL = "X-Poll"  # the header of a look that a page takes by itself


def began(request: HttpRequest, user: Any) -> None:
    """Note a new session; where only one is allowed, the others end."""
    key = request.session.session_key
    if key is None:
        request.session.create()
        key = request.session.session_key
    now = timezone.now()
    request.session[SEEN] = int(now.timestamp())
    with transaction.atomic():
        if settings.ONE_SESSION:
            end(SignIn.objects.living().filter(user_id=user.pk), why="one session")
        SignIn.objects.update_or_create(
            mark=log.session_mark(request),
            defaults={
                "user_id": user.pk, "session_key": key, "address": log.current().address,
                "agent": request.META.get("HTTP_USER_AGENT", "")[:200], "at": now, "seen_at": now, "ended_at": None,
            },
        )  # fmt: skip


def end(rows: Any, *, why: str) -> int:
    """End these sessions, whoever uses them; how many. Each is an entry of the log."""
    now, count = timezone.now(), 0
    with transaction.atomic():
        for row in rows.select_related("user"):
            Session.objects.filter(session_key=row.session_key).delete()
            log.write("end_session", target=row.user, detail={"session": row.mark, "why": why})
            SignIn.objects.filter(pk=row.pk).update(ended_at=now, session_key="")
            count += 1
    return count


def over(mark: str) -> None:
    """A session that ended by signing out or by idling: its row says so, its key is forgotten."""
    SignIn.objects.living().filter(mark=mark).update(ended_at=timezone.now(), session_key="")


def idle(request: HttpRequest, now: datetime) -> bool:
    """Whether nobody did anything in this session for too long; else the moment is noted, at most once a minute."""
    here, seen = int(now.timestamp()), request.session.get(SEEN)
    if seen is not None and here - seen > settings.SESSION_IDLE_SECONDS:
        return True
    if request.headers.get(POLL):  # a page looks whether there is news; nobody did anything
        return False
    if seen is None or here - seen >= SEEN_EVERY:
        request.session[SEEN] = here
        if request.session.get(FACTOR) == "none":  # perhaps the user needs one by now
            del request.session[FACTOR]
        SignIn.objects.living().filter(mark=log.session_mark(request)).update(seen_at=now)
    return False


def ended_before(key: str) -> bool:
    """Whether this key belonged to a session that was ended: somebody still sends its cookie."""
    return SignIn.objects.filter(mark=log.mark_of(key)).exclude(ended_at=None).exists()
