"""Addresses of accounts."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.periods import periods
from accounts.signin import views
from accounts.views import reveal_reasons, reveal_value

app_name = "accounts"
urlpatterns = [
    path("periods/", periods, name="periods"),
    path("reveal/", reveal_value, name="reveal"),
    path("reveal/reasons/", reveal_reasons, name="reveal_reasons"),
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordView.as_view(), name="password"),
    path("factor/", views.second_factor, name="factor"),
    path("factor/setup/", views.set_up_factor, name="factor_setup"),
    path("factor/recovery/", views.renew_recovery, name="factor_recovery"),
    path("factor/drop/", views.drop_factor, name="factor_drop"),
    path("me/", views.me, name="me"),
    path("me/end-session/", views.end_session, name="end_session"),
]
