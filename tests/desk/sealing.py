"""Send what the desk's browser would send."""

import hashlib
import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guomi import envelope
from residents.desk.models import MOST_CHUNK_BYTES


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


def submit(client: Client, fields: dict[str, Any], pictures: dict[str, bytes] | None = None, **facts: Any) -> Any:
    """Send a whole form as the desk does: the pictures in pieces, then the form; the response to the last thing sent."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in (pictures or {}).items()}
    for name, data in (pictures or {}).items():
        for index in range(max(1, -(-len(data) // MOST_CHUNK_BYTES))):
            piece = data[index * MOST_CHUNK_BYTES : (index + 1) * MOST_CHUNK_BYTES]
            asked = {"client_key": fields["client_key"], "name": name, "digest": digests[name], "index": index}
            answer = post(client, "/collect/parts/", asked, {"chunk": piece})
            if answer.status_code != 200:
                return answer
    return post(client, "/collect/submit/", fields | {"pictures": digests} | facts)
