"""Addresses of audit; its list is an admin page."""

from django.urls import URLPattern

app_name = "audit"
urlpatterns: list[URLPattern] = []
