"""Work lists: what is missing or running out, each row with the form that puts it right. See registry.py."""

from residents.verification import worklist  # noqa: F401
from residents.worklists import delivery, houses, leases, people  # noqa: F401
