"""Addresses of community."""

from django.urls import path

from community.workbooks import views

app_name = "community"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("export.xlsx", views.export, name="export"),
    path("template.xlsx", views.template, name="import_template"),
    path("photos/", views.take_photos, name="import_photos"),
    path("<uuid:pk>/", views.show, name="import"),
    path("<uuid:pk>/problems.xlsx", views.marked, name="import_marked"),
    path("<uuid:pk>/undo/", views.undo, name="import_undo"),
]
