"""Settings, URLs, the API router and the queue. Imported by nobody."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
