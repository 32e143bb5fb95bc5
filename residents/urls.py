"""Addresses of residents."""

from django.urls import path

from residents.desk import views

app_name = "residents"
urlpatterns = [
    path("collect/", views.collect, name="collect"),
    path("collect/houses/", views.find_houses, name="find_houses"),
    path("collect/check/", views.check_number, name="check_number"),
    path("collect/progress/<uuid:pk>/", views.progress, name="progress"),
    path("pictures/<slug:model>/<uuid:pk>/<slug:field>/", views.picture, name="picture"),
]
