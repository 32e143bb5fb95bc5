"""Addresses of accounts."""

from django.contrib.auth import views
from django.urls import path, reverse_lazy

from accounts.periods import periods
from accounts.views import reveal_reasons, reveal_value

app_name = "accounts"
urlpatterns = [
    path("periods/", periods, name="periods"),
    path("reveal/", reveal_value, name="reveal"),
    path("reveal/reasons/", reveal_reasons, name="reveal_reasons"),
    path(
        "login/",
        views.LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path(
        "password/",
        views.PasswordChangeView.as_view(
            template_name="accounts/password.html", success_url=reverse_lazy("dashboard:home")
        ),
        name="password",
    ),
]
