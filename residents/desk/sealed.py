"""What the desk's browser sends is sealed (guomi.envelope): a proxy that writes down what passes sees ciphertext only.

A sealed request is a multipart form: `key`, the file `fields` (JSON), and files `picture.<name>`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guomi.envelope import EnvelopeError, Opener

MOST_FIELD_BYTES = 64 * 1024
MOST_PICTURE_BYTES = 12 * 1024 * 1024
MOST_PICTURES = 3
MOST_DEPTH = 6
NAME = re.compile(r"[a-z_]{1,30}")


@dataclass(frozen=True)
class Opened:
    """What was in the envelope; pictures as they came, not looked at yet."""

    fields: dict[str, Any] = field(repr=False)
    pictures: dict[str, bytes] = field(default_factory=dict, repr=False)

    def text(self, name: str, most: int) -> str:
        """A field as text, "" when it is missing or no text; cut to its limit."""
        value = self.fields.get(name)
        return value.strip()[:most] if isinstance(value, str) else ""


def sealed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand the view what the envelope holds; 400 in words when it does not open, 413 when it is too large."""

    @wraps(view)
    def opening(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            given = opened(request)
        except EnvelopeError:
            return _refused(400, _("内容无法解密,请刷新页面后重试;草稿不会丢失。"))
        except TooLargeError:
            return _refused(413, _("内容过大,请缩小图片后重试。"))
        return view(request, given, *args, **kwargs)

    return opening


class TooLargeError(ValueError):
    """More or larger than a desk sends."""


def _refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)


def opened(request: HttpRequest) -> Opened:
    """Open the envelope of a request. EnvelopeError, TooLargeError."""
    envelope = Opener(request.POST.get("key", "")[:300], request.path)
    files = request.FILES
    names = [name for name in files if name.startswith("picture.")]
    if "fields" not in files or not all(NAME.fullmatch(name.removeprefix("picture.")) for name in names):
        raise EnvelopeError("信封格式不符")
    sizes = [files["fields"].size > MOST_FIELD_BYTES, *(files[name].size > MOST_PICTURE_BYTES + 28 for name in names)]
    if any(sizes) or len(names) > MOST_PICTURES:
        raise TooLargeError
    fields = _fields(envelope.part("fields", files["fields"].read()))
    pictures = {name.removeprefix("picture."): envelope.part(name, files[name].read()) for name in names}
    return Opened(fields, pictures)


def _fields(data: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        raise EnvelopeError("信封的内容不是 JSON") from None
    if not isinstance(fields, dict) or _depth(fields) > MOST_DEPTH:
        raise EnvelopeError("信封的内容不是表单")
    return fields


def _depth(value: Any, level: int = 1) -> int:
    """How deep lists and objects stand in each other; not counted past the limit."""
    if level > MOST_DEPTH or not isinstance(value, (dict, list)):
        return level
    inner = value.values() if isinstance(value, dict) else value
    return max((_depth(one, level + 1) for one in inner), default=level)
