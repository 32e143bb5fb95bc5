from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResidentsConfig(AppConfig):
    name = "residents"
    verbose_name = _("人员与车辆")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import watch
        from residents.models import Person, Residency, Vehicle, Worker

        for model in (Person, Residency, Vehicle, Worker):
            watch.register(model, community=lambda row: row.community_id)
