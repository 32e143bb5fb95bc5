"""The API router: each app's resources."""

from rest_framework.routers import SimpleRouter

from community.api import ROUTES as PLACES
from devices.api import ROUTES as DEVICES
from residents.api import ROUTES as PEOPLE

router = SimpleRouter()
for prefix, viewset in [*PLACES, *PEOPLE, *DEVICES]:
    router.register(prefix, viewset, basename=prefix)
