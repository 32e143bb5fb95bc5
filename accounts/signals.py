"""Signing in and out leaves its entry; so does every refused attempt."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts.signin import sessions
from audit import log


@receiver(user_logged_in)
def signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    if request is not None and hasattr(request, "session"):
        sessions.began(request, user)
    log.write_now("sign_in", target=user, user=user, request=request)


@receiver(user_logged_out)
def signed_out(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    if user is not None and not getattr(request, "_leaving", False):
        log.write_now("sign_out", target=user, user=user, request=request)
        sessions.over(log.session_mark(request))


@receiver(user_login_failed)
def refused(sender: Any, credentials: dict, request: Any = None, **kwargs: Any) -> None:
    name = str(credentials.get("username", ""))[:100]
    log.write_now("sign_in", outcome="refused", target=("accounts.user", name), request=request)


@receiver(user_locked_out)
def locked(sender: Any, request: Any, username: str, **kwargs: Any) -> None:
    log.write_now("lockout", outcome="refused", target=("accounts.user", str(username)[:64]), request=request)
