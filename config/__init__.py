"""Settings, URLs, the API router and the queue. Imported by nobody."""

from config import checks  # noqa: F401 -- registers the system checks
from config.celery import app as celery_app

__all__ = ["celery_app"]
