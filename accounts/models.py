"""The staff who sign in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A member of staff."""
