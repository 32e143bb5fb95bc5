"""Send what the desk's browser would send."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guomi import envelope


def sealed_form(address: str, fields: dict[str, Any], pictures: dict[str, bytes] | None = None) -> dict[str, Any]:
    """The multipart form of a sealed request to this path."""
    sealer = envelope.Sealer(address, envelope.public_key())
    form: dict[str, Any] = {
        "key": sealer.key,
        "fields": SimpleUploadedFile("fields", sealer.part("fields", json.dumps(fields).encode())),
    }
    for name, data in (pictures or {}).items():
        part = f"picture.{name}"
        form[part] = SimpleUploadedFile(name, sealer.part(part, data))
    return form


def post(client: Client, address: str, fields: dict[str, Any], pictures: dict[str, bytes] | None = None) -> Any:
    """POST it; the response."""
    return client.post(address, sealed_form(address, fields, pictures))
