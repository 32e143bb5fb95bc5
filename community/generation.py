"""The houses of a building in one deed: units x floors x rooms. What stands already is kept."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_create_with_history

from audit import log
from community.models import Building, House, Unit

MOST = 5000


def generate(building: Building, *, units: int, floors: int, rooms: int) -> int:
    """Make the missing houses; how many. ValidationError above 5,000 or below 1."""
    if min(units, floors, rooms) < 1 or units * floors * rooms > MOST:
        raise ValidationError(_("单元、楼层、每层户数都要大于 0,总数最多 5000 户。"))
    with transaction.atomic():
        Unit.objects.bulk_create(
            [Unit(building=building, number=n) for n in range(1, units + 1)], ignore_conflicts=True
        )
        there = set(House.objects.filter(building=building).values_list("unit_id", "room"))
        missing = [
            House(
                community_id=building.community_id,
                building=building,
                unit=unit,
                floor=floor,
                room=f"{floor}{position:02d}",
            )
            for unit in building.units.filter(number__lte=units)
            for floor in range(1, floors + 1)
            for position in range(1, rooms + 1)
            if (unit.pk, f"{floor}{position:02d}") not in there
        ]
        bulk_create_with_history(missing, House, batch_size=500)
        log.write(
            "generate_houses", target=building, community_id=building.community_id, detail={"houses": len(missing)}
        )
    return len(missing)
