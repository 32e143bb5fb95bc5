"""Every address of the portal."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from config.api import router

urlpatterns = [
    # One way in, with its limits and its second factor: the admin's own is led there.
    path("admin/login/", RedirectView.as_view(pattern_name="accounts:login", query_string=True), name="admin_login"),
    path("admin/logout/", LogoutView.as_view(), name="admin_logout"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="accounts:password"), name="admin_password"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("api/", include(router.urls)),
    path("audit/", include("audit.urls")),
    path("uploads/", include("uploads.urls")),
    path("import/", include("community.urls")),
    path("", include("residents.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("dashboard.urls")),
]
