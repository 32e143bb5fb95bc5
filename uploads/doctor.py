"""Which SM2 form does the upper platform understand? Read from a sample, or asked of the platform itself.

The standard prints no form (DESIGN §5): order C1C3C2 or C1C2C3, with 04, without, or as ASN.1 DER, in hexadecimal or Base64.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from guomi import sm2
from guomi.sm2 import CipherForm
from standard import interfaces, messages
from uploads import answers, batches, configuring, matching, platforms, pulling, reports
from uploads.client import TransportError, UpperClient
from uploads.models import Due, UpperPlatform
from uploads.reports import Context, Report
from uploads.sessions import SignInError
from uploads.wrapping import WrapError

HARMLESS = ("house", "vehicle", "person")  # states: sent again as they are, they change nothing upstairs
POINT, CHECK = 64, 32
MAX_SAMPLE = 16_384


# --- from a sample -----------------------------------------------------------------------------------------------------
@dataclass
class Diagnosis:
    """The forms that open the sample, the clear text if it is text, and what the sample looks like, in Chinese."""

    forms: list[CipherForm] = field(default_factory=list)
    clear: str = field(default="", repr=False)
    says: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return bool(self.forms)


def diagnose(sample: str, private_key: str) -> Diagnosis:
    """Try every form on a test ciphertext with its test key. Sm2Error for a key that is none."""
    key = sm2.load_private_key(private_key)
    sample = "".join(sample.split())[:MAX_SAMPLE]
    found = Diagnosis(forms=sm2.recognise(key, sample), says=list(looks(sample)))
    if found.forms:
        opened = sm2.decrypt(key, sample, found.forms[0])
        found.clear = opened.decode("utf-8", errors="replace")[:200]
        if "\ufffd" in found.clear:
            found.says.append("解开的内容不是 UTF-8 文本,请核对对方的字符编码(常见为 GBK)。")
        if len(found.forms) > 1:
            found.says.append("不止一种写法能解开这段密文,请换一段较长的样例再试。")
    else:
        found.says.append("十二种写法都解不开:请核对私钥与密文是否成对,密文是否完整。")
    return found


def looks(sample: str) -> Iterable[str]:
    """What can be said of a ciphertext without a key."""
    if re.fullmatch(r"[0-9A-Fa-f]+", sample) and len(sample) % 2 == 0:
        yield f"十六进制,{len(sample)} 个字符。"
        raw = bytes.fromhex(sample)
    else:
        try:
            raw = base64.b64decode(sample, validate=True)
            yield f"Base64,{len(sample)} 个字符。"
        except (ValueError, binascii.Error):
            yield "既不是十六进制也不是 Base64:可能混入了空格、换行以外的字符,或缺了一段。"
            return
    if raw[:1] == b"\x30":
        yield "以 30 开头,像 ASN.1 DER。"
    elif raw[:1] == b"\x04" and len(raw) > 1 + POINT + CHECK:
        yield f"以 04 开头,共 {len(raw)} 字节;若带前缀,原文有 {len(raw) - 1 - POINT - CHECK} 字节。"
    elif len(raw) > POINT + CHECK:
        yield f"没有 04 前缀,共 {len(raw)} 字节;原文有 {len(raw) - POINT - CHECK} 字节。"
    else:
        yield f"只有 {len(raw)} 字节,不够一段 SM2 密文(至少 {POINT + CHECK + 1} 字节)。"


# --- from the platform -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Attempt:
    """One form tried: `kind` is one of uploads.answers, "unanswered", or "garbled" (taken, but not understood)."""

    form: CipherForm
    kind: str
    message: str = ""

    @property
    def ok(self) -> bool:
        return self.kind == answers.OK


@dataclass
class Trial:
    """What the platform answered to one harmless record in each form; `found` is the form it understands."""

    subject: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    found: CipherForm | None = None
    problem: str = ""


def current_form(platform: UpperPlatform) -> CipherForm:
    """The form the platform's profile names."""
    return CipherForm(platform.cipher_order, platform.cipher_prefix, platform.cipher_encoding)


def ask(platform: UpperPlatform, *, now: datetime, forms: Iterable[CipherForm] | None = None) -> Trial:
    """Send one record that is known upstairs already, in each form until one is understood; the profile's own first.

    Understood means: accepted, and read back as it was sent (where the platform hands such records back).
    """
    own, trial = current_form(platform), Trial()
    client = UpperClient(platforms.endpoint(platform))
    try:
        chosen = _harmless(platform)
        if chosen is None:
            trial.problem = "还没有可以试发的记录:请先登记一套资料齐全的房屋。"
            return trial
        report, subject = chosen
        trial.subject = str(report.title)
        for form in forms or (own, *(form for form in sm2.FORMS if form != own)):
            attempt = _attempt(platform, client, report, subject, form, now)
            trial.attempts.append(attempt)
            if attempt.ok:
                trial.found = form
                break
    except (TransportError, SignInError, WrapError, sm2.Sm2Error, messages.MessageError, pulling.PullError) as error:
        trial.problem = str(error)
    finally:
        client.close()
    if trial.found is None and not trial.problem:
        trial.problem = "上级平台一种写法也不接受:" + trial.attempts[-1].message
    return trial


def _harmless(platform: UpperPlatform) -> tuple[Report, Any] | None:
    """A record that has arrived, else one that could be sent."""
    context = Context(timezone.now(), platform.community_id, batches.find)
    for rows in (Due.objects.arrived().filter(delivered_revision__gt=0), Due.objects.pending()):
        for name in HARMLESS:
            report = reports.get(name)
            due = rows.filter(report=name, community_id=platform.community_id).order_by("pk").first()
            subject = report.queryset().filter(pk=due.subject_id).first() if due else None
            if subject is None:
                continue
            try:
                report.record(subject, context)
            except (reports.Incomplete, reports.Waits):
                continue
            return report, subject
    return None


def _attempt(
    platform: UpperPlatform, client: UpperClient, report: Report, subject: Any, form: CipherForm, now: datetime
) -> Attempt:
    context = Context(now, platform.community_id, batches.find)
    record = {**report.record(subject, context), "registration_code": platform.registration_code}
    key = sm2.load_public_key(platform.public_key)
    payload = messages.encode(
        report.interface, record, profile=platforms.profile(platform), also_encrypt=platform.also_encrypt,
        encrypt=lambda clear: sm2.encrypt(key, clear.encode(), form),
    )  # fmt: skip
    started = timezone.now()
    try:
        reply = pulling.asked(platform, client, interfaces.get(report.interface).path, payload)
    except pulling.PullError as error:
        return Attempt(form, answers.REFUSED, str(error))
    garbled = _garbled(platform, client, report, subject, context, started, reply.data)
    if garbled:
        return Attempt(form, "garbled", f"已接受,但读回的{garbled}与发送的不同")
    return Attempt(form, answers.OK, reply.message)


def _garbled(
    platform: UpperPlatform, client: UpperClient, report: Report, subject: Any, context: Context, since: datetime,
    data: Any,
) -> str:  # fmt: skip
    """Chinese names of sealed fields that come back otherwise than they were sent; "" if none, or if nothing comes back."""
    if report.pulled is None or not isinstance(data, dict):
        return ""
    told = messages.decode(report.interface, data, part="response", check=False)
    identifier = str(told.get(report.upper_id or "", ""))
    query = {
        "page": 1, "page_size": messages.MAX_PAGE, "registration_code": platform.registration_code,
        "start_time": since - timedelta(minutes=1), "end_time": since + timedelta(minutes=2),
    }  # fmt: skip
    body = messages.encode(report.pulled, query, profile=platforms.profile(platform))
    try:
        reply = pulling.asked(platform, client, interfaces.get(report.pulled).path, body)
    except pulling.PullError:
        return ""  # it does not let us read: acceptance has to do
    page = messages.decode(
        report.pulled, reply.data if isinstance(reply.data, dict) else {}, part="response", check=False
    )
    mine = [row for row in page.get("items") or [] if identifier and str(row.get(report.upper_id)) == identifier]
    sealed = {one.en for one in interfaces.get(report.interface).request if one.encrypted}
    wrong = {
        name
        for row in mine
        for name in matching.differing(report.pulled, report, subject, row, context)
        if name in sealed
    }
    return "、".join(interfaces.get(report.interface).field(name).zh for name in sorted(wrong))


def adopt(platform: UpperPlatform, form: CipherForm) -> None:
    """Make the form the platform's own; audited as a configuration."""
    configuring.change(platform, cipher_order=form.order, cipher_prefix=form.prefix, cipher_encoding=form.encoding)


def self_test(platform: UpperPlatform, *, now: datetime) -> str:
    """Does the platform still understand us? Kept with the platform; the problem in Chinese, "" if it does.

    No record yet, or a platform that cannot be reached, is no misunderstanding: deliveries tell of those.
    """
    trial = ask(platform, now=now, forms=[current_form(platform)])
    problem = trial.problem if trial.attempts and trial.found is None else ""
    UpperPlatform.objects.filter(pk=platform.pk).update(tested_at=now, test_problem=problem[:300])
    return problem
