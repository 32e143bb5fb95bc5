from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ResidentsConfig(AppConfig):
    name = "residents"
    verbose_name = _("人员与车辆")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.core import checks

        from audit import watch
        from residents.models import (
            Case,
            Consent,
            FaceCheck,
            Likeness,
            Merge,
            Notice,
            OptionalField,
            Person,
            Residency,
            Vehicle,
            Worker,
        )  # fmt: skip
        from residents.rights.notices import ensure_notices
        from residents.verification.checks import faces_to_file

        autodiscover_modules("worklists")
        for model in (Person, Residency, Vehicle, Worker, Notice, Consent, Case, OptionalField):
            watch.register(model, community=lambda row: row.community_id)
        checks.register(faces_to_file, checks.Tags.database)
        for model in (Likeness, Merge, FaceCheck):  # they go with the person they tell of, or by a retention rule
            watch.register(model, community=lambda row: row.community_id, deletions=False)
        post_migrate.connect(ensure_notices, sender=self, dispatch_uid="residents.notices")
