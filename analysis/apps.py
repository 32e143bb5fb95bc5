from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalysisConfig(AppConfig):
    name = "analysis"
    verbose_name = _("研判")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from analysis.models import StrangerArchive, VehicleArchive
        from audit import watch

        for model in (StrangerArchive, VehicleArchive):
            watch.register(model, community=lambda archive: archive.community_id)
