"""Addresses of dashboard."""

from django.urls import path

from dashboard import views
from dashboard.board import views as board

app_name = "dashboard"
urlpatterns = [
    path("", views.home, name="home"),
    path("board/", board.matrix, name="table1"),
    path("board/table1.csv", board.as_csv, name="table1_csv"),
    path("board/items/<slug:number>/", board.export_item, name="table1_item"),
]
