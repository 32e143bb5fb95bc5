from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    name = "community"
    verbose_name = _("小区与房屋")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import context, watch
        from audit.models import scope
        from community.granting import grant_all, posts_of, reviewed_places
        from community.models import Building, Community, Gate, House, MeterReading, Organisation, Post
        from community.places import Directory
        from community.standard_addresses import take
        from uploads import places, pulling

        autodiscover_modules("importing")
        places.register(Directory())
        context.describe[:] = [posts_of]
        scope.places = reviewed_places
        pulling.takers["B.7"] = take
        post_migrate.connect(grant_all, sender=self, dispatch_uid="community.posts")
        watch.register(Community, community=lambda community: community.pk)
        for model in (Building, House, MeterReading, Gate, Organisation, Post):
            watch.register(model, community=lambda row: row.community_id)
