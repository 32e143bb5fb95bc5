"""People, residencies and vehicles over the API."""

from accounts.scoped_api import ScopedViewSet
from community.api import MaskedSerializer
from residents.models import Person, Residency, Vehicle


class PersonSerializer(MaskedSerializer):
    class Meta:
        model = Person
        fields = (
            "id", "community", "name", "document_type", "document_number", "phone", "birth_date", "sex", "person_type",
            "registered_address", "education", "workplace", "lives_alone_elder", "remark",
        )  # fmt: skip


class ResidencySerializer(MaskedSerializer):
    class Meta:
        model = Residency
        fields = (
            "id",
            "person",
            "house",
            "occupant_type",
            "tenant_family",
            "lease_start",
            "lease_end",
            "moved_in",
            "moved_out",
        )


class VehicleSerializer(MaskedSerializer):
    class Meta:
        model = Vehicle
        fields = (
            "id", "community", "plate", "plate_colour", "brand", "type", "colour", "owner_name", "owner_number",
            "owner_phone", "remark",
        )  # fmt: skip


class PersonViewSet(ScopedViewSet):
    audited = True
    queryset, serializer_class = Person.objects.all(), PersonSerializer
    view_verb = "view_people"
    add_verb = change_verb = "edit_people"


class ResidencyViewSet(ScopedViewSet):
    audited = True
    queryset, serializer_class = Residency.objects.select_related("person", "house"), ResidencySerializer
    view_verb = "view_people"
    add_verb = change_verb = "edit_people"


class VehicleViewSet(ScopedViewSet):
    audited = True
    queryset, serializer_class = Vehicle.objects.all(), VehicleSerializer
    view_verb = "view_vehicles"
    add_verb = change_verb = "edit_vehicles"


ROUTES = [("people", PersonViewSet), ("residencies", ResidencyViewSet), ("vehicles", VehicleViewSet)]
