from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class UploadsConfig(AppConfig):
    name = "uploads"
    verbose_name = _("上报中心")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # These modules need the models, which exist from here on: Django's own way of an AppConfig.
        from uploads import checks, installing, resealing, wake

        autodiscover_modules("reporting")
        checks.register_all()
        wake.connect()
        resealing.connect()
        pre_migrate.connect(installing.before_migrate, sender=self, dispatch_uid="uploads.triggers")
        post_migrate.connect(installing.after_migrate, sender=self, dispatch_uid="uploads.triggers")
