"""The side bar: what stands where. What a user may not do is left out by the permission callbacks."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _model(app: str, model: str, title, icon: str) -> dict:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": f"config.permits.{app}_{model}",
    }


SIDEBAR = [
    {"items": [{"title": _("工作台"), "icon": "dashboard", "link": "/"}]},
]
