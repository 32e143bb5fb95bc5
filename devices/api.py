"""Equipment over the API; its account never leaves."""

from accounts.scoped_api import ScopedViewSet
from community.api import MaskedSerializer
from devices.models import Device


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


ROUTES = [("devices", DeviceViewSet)]
