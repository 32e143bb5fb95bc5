"""Equipment over the API; its account never leaves."""

from accounts.scoped_api import ScopedViewSet
from community.api import MaskedSerializer
from devices.models import Device, PersonPassage, VehiclePassage


class DeviceSerializer(MaskedSerializer):
    class Meta:
        model = Device
        fields = (
            "id", "community", "gate", "building", "code", "name", "type", "local_kind", "maker", "online_status",
            "use_status", "built_at", "mac", "ip", "port", "longitude", "latitude", "networked", "description", "remark",
        )  # fmt: skip


class DeviceViewSet(ScopedViewSet):
    queryset, serializer_class = Device.objects.all(), DeviceSerializer
    view_verb = "view_devices"
    add_verb = change_verb = delete_verb = "edit_devices"


class PersonPassageSerializer(MaskedSerializer):
    class Meta:
        model = PersonPassage
        fields = (
            "id", "community", "device", "direction", "at", "person", "archive_no", "open_method", "open_status",
            "occupant_type", "at_gate", "received_at",
        )  # fmt: skip


class VehiclePassageSerializer(MaskedSerializer):
    class Meta:
        model = VehiclePassage
        fields = (
            "id", "community", "device", "lane", "direction", "at", "plate", "plate_colour", "brand", "type", "colour",
            "parking_type", "passed", "vehicle", "received_at",
        )  # fmt: skip


class PersonPassageViewSet(ScopedViewSet):
    audited = True
    """A happening is added and read; it does not change."""

    queryset, serializer_class = PersonPassage.objects.select_related("device", "person"), PersonPassageSerializer
    view_verb, add_verb = "view_people", "edit_people"


class VehiclePassageViewSet(ScopedViewSet):
    audited = True
    """A happening is added and read; it does not change."""

    queryset, serializer_class = VehiclePassage.objects.select_related("device", "vehicle"), VehiclePassageSerializer
    view_verb, add_verb = "view_vehicles", "edit_vehicles"


ROUTES = [
    ("devices", DeviceViewSet),
    ("person-passages", PersonPassageViewSet),
    ("vehicle-passages", VehiclePassageViewSet),
]
