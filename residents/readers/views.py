"""How a workstation gets its reader: a page that tells, and the program to take along."""

import hashlib
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from residents.desk.gate import collecting
from residents.readers.kinds import KINDS

PROGRAM = Path(__file__).parent / "standalone" / "anju_reader.py"


@require_GET
@collecting
def reader(request: HttpRequest) -> HttpResponse:
    """What to do for each kind of reader, with this portal's own address in the commands."""
    context = {
        "kinds": {kind.key: kind for kind in KINDS},
        "origin": f"{request.scheme}://{request.get_host()}",
        "program": PROGRAM.name,
        "digest": hashlib.sha256(PROGRAM.read_bytes()).hexdigest(),
    }
    return render(request, "desk/reader.html", context)


@require_GET
@collecting
def reader_program(request: HttpRequest) -> HttpResponse:
    """The program itself, one file."""
    headers = {"Content-Disposition": f'attachment; filename="{PROGRAM.name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(PROGRAM.read_bytes(), content_type="text/x-python; charset=utf-8", headers=headers)
