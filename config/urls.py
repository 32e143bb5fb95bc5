"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

from config.api import router

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("api/", include(router.urls)),
    path("audit/", include("audit.urls")),
    path("uploads/", include("uploads.urls")),
    path("", include("residents.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("dashboard.urls")),
]
