from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guomi import checks, keyring, selftest


class GuomiConfig(AppConfig):
    name = "guomi"
    verbose_name = _("国密")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A web server runs no system checks, so the self-test also stands here: wrong ciphers, no start."""
        selftest.require()
        keyring.configure(settings.HOME)


__all__ = ["GuomiConfig", "checks"]
