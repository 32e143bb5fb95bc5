"""Addresses of uploads."""

from django.urls import path

from uploads import views

app_name = "uploads"
urlpatterns = [
    path("", views.center, name="center"),
    path("platforms/<uuid:pk>/", views.examine, name="examine"),
]
