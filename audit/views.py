"""What a witness asks of the log, and tells it."""

from django.utils import timezone
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from audit import bundles, witnessing
from audit.models import scope


class MayWitness(BasePermission):
    """A token made for witnessing, or somebody who may review the log."""

    def has_permission(self, request: Request, view: object) -> bool:
        return scope.may(request, "witness")


@api_view(["GET", "POST"])
@permission_classes([MayWitness])
def heads(request: Request) -> Response:
    """GET ?since=SIZE: the newest head with the proof from there. POST: a countersignature."""
    if request.method == "POST":
        try:
            kept = witnessing.accept(request.data, timezone.now())
        except witnessing.Refused as error:
            return Response({"error": str(error)}, status=400)
        return Response({"witness": kept.witness, "size": kept.size})
    since = request.query_params.get("since", "0")[:18]
    try:
        return Response(witnessing.told(int(since) if since.isascii() and since.isdigit() else 0))
    except bundles.NothingSealed:
        return Response({"error": "还没有封存点"}, status=404)
