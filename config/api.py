"""The API router: one line a resource."""

from rest_framework.routers import DefaultRouter

router = DefaultRouter()
