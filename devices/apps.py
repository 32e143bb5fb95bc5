from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = _("设备")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import watch
        from devices.models import Device, PersonPassage, VehiclePassage
        from devices.passages import of_person
        from residents.rights import dossier

        watch.register(Device, community=lambda device: device.community_id)
        for model in (PersonPassage, VehiclePassage):
            watch.register(model, community=lambda passage: passage.community_id, deletions=False)
        if of_person not in dossier.also_held:
            dossier.also_held.append(of_person)
