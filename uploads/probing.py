"""Trying an upper platform as configured: sign in, see the communities of the account, pull one page. Changes nothing."""

from dataclasses import dataclass, field

from django.utils import timezone

from guomi.sm2 import Sm2Error
from standard import interfaces, messages
from uploads import answers, platforms, sessions
from uploads.client import TransportError, UpperClient
from uploads.models import UpperPlatform
from uploads.wrapping import WrapError

PAGE_CLAUSE = "B.7"  # the standard addresses: nothing personal in it


@dataclass
class Probe:
    """What a try came to. `problem` is Chinese, "" when all went well; `done` are the steps that did."""

    registration_codes: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    problem: str = ""


def probe(platform: UpperPlatform) -> Probe:
    """Key, sign-in, registration code, one page: stops at the first step that fails."""
    result = Probe()
    client = UpperClient(platforms.endpoint(platform))
    try:
        platforms.cipher(platform)("试")
        result.done.append("key")
        granted = sessions.sign_in(platform, client)
        result.done.append("sign-in")
        result.registration_codes = [code for code, _ in granted.registration_codes]
        if platform.registration_code not in result.registration_codes:
            result.problem = f"账号没有注册码 {platform.registration_code} 的权限"
            return result
        result.done.append("registration-code")
        result.problem = _page(platform, client, granted.token)
        result.done += [] if result.problem else ["page"]
    except (TransportError, sessions.SignInError, Sm2Error, WrapError) as error:
        result.problem = str(error)
    finally:
        client.close()
    return result


def _page(platform: UpperPlatform, client: UpperClient, token: str) -> str:
    query = {"page": 1, "page_size": 1, "registration_code": platform.registration_code}
    body = messages.encode(PAGE_CLAUSE, query, profile=platforms.profile(platform))
    reply = client.post(interfaces.get(PAGE_CLAUSE).path, body, now=timezone.now(), token=token)
    kind = answers.sort(reply.status, reply.code, reply.message, platforms.rules(platform))
    return "" if kind == answers.OK else answers.cleaned(reply.message) or f"HTTP {reply.status}"
