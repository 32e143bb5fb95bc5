"""The admin's side bar: what stands where. Without it the admin lists every app the user may see."""

from django.utils.translation import gettext_lazy as _

SIDEBAR = [
    {
        "items": [
            {"title": _("工作台"), "icon": "dashboard", "link": "/"},
            {"title": _("采集台"), "icon": "badge", "link": "/collect/"},
            {"title": _("上报中心"), "icon": "cloud_upload", "link": "/uploads/"},
        ]
    }
]
