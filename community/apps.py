from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    name = "community"
    verbose_name = _("小区与房屋")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import watch
        from community.models import Building, Community, Gate, House, Organisation, Post
        from community.places import Directory
        from uploads import places

        places.register(Directory())
        watch.register(Community, community=lambda community: community.pk)
        for model in (Building, House, Gate, Organisation, Post):
            watch.register(model, community=lambda row: row.community_id)
