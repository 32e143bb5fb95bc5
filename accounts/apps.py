from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("账号与权限")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import access, checks, keystore, personal, pictures, signals  # noqa: F401 -- models must be loaded first
        from accounts.models import RetentionPeriod
        from accounts.signin import tokens
        from audit import watch
        from audit.models import VERB, scope
        from guomi import forms

        scope.register(access.limit)
        scope.allows = tokens.may
        scope.holds = access.holds_somewhere
        scope.everywhere = lambda user: access.holds_everywhere(user, VERB)
        scope.ids = lambda user: access.listed_ids(user, VERB)
        watch.mask_of[:] = [personal.mask_of]
        forms.picture_address[:] = [pictures.address]
        watch.register(RetentionPeriod, community=lambda period: None)
        autodiscover_modules("retention")
        keystore.use()
        checks.register_all()
        post_migrate.connect(keystore.after_migrate, sender=self, dispatch_uid="accounts.keys")
