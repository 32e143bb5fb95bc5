"""Making an upper platform known."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from audit import log
from guomi import sm2
from uploads.models import Gate, UpperPlatform


def configure(community_id: int, registration_code: str, **values: Any) -> UpperPlatform:
    """Create or change the upper platform of a community; ValidationError names what is wrong. Audited."""
    try:
        sm2.load_public_key(values["public_key"])
    except sm2.Sm2Error as error:
        raise ValidationError({"public_key": f"SM2 公钥不正确:{error}"}) from error
    with transaction.atomic():
        platform = UpperPlatform.objects.filter(community_id=community_id).first() or UpperPlatform(
            community_id=community_id
        )
        platform.registration_code = registration_code
        for name, value in values.items():
            setattr(platform, name, value)
        platform.full_clean()
        platform.save()
        Gate.objects.filter(platform=platform).delete()
        fields = sorted({*values, "registration_code"} - {"password"})
        log.write("configure_upper", target=platform, community_id=community_id, detail={"fields": fields})
    return platform


def change(platform: UpperPlatform, **values: Any) -> None:
    """Change some of an upper platform's values; ValidationError names what is wrong. Audited; pauses are forgotten."""
    with transaction.atomic():
        for name, value in values.items():
            setattr(platform, name, value)
        platform.full_clean()
        platform.save()
        Gate.objects.filter(platform=platform).delete()
        log.write(
            "configure_upper", target=platform, community_id=platform.community_id, detail={"fields": sorted(values)}
        )
