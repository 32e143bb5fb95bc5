from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = _("设备")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import watch
        from devices.models import Device

        watch.register(Device, community=lambda device: device.community_id)
