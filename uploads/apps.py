from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save, pre_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class UploadsConfig(AppConfig):
    name = "uploads"
    verbose_name = _("上报中心")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("reporting")
        from uploads import installing, reports, wake

        pre_migrate.connect(installing.before_migrate, sender=self, dispatch_uid="uploads-before")
        post_migrate.connect(installing.after_migrate, dispatch_uid="uploads-after", sender=self)
        for report in reports.every():
            for signal in (post_save, post_delete):
                signal.connect(wake.changed, sender=report.model, dispatch_uid=f"uploads-wake-{report.model._meta.label}")
