from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuomiConfig(AppConfig):
    name = "guomi"
    verbose_name = _("国密")
    default_auto_field = "django.db.models.BigAutoField"
