"""Addresses of audit."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [path("heads/", views.heads, name="heads")]
