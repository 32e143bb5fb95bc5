"""An UpperPlatform row as the parts that delivery works with: endpoint, cipher, wire profile, rules."""

from collections.abc import Callable

from guomi import sm2
from standard import messages
from uploads.answers import Rule
from uploads.client import Endpoint
from uploads.models import UpperPlatform


def endpoint(platform: UpperPlatform) -> Endpoint:
    """Where and how to call it."""
    return Endpoint(
        base_url=platform.base_url,
        client_id=platform.client_id,
        connect_seconds=platform.connect_seconds,
        read_seconds=platform.read_seconds,
        concurrency=platform.concurrency,
        ca_file=platform.ca_file,
        client_cert_file=platform.client_cert_file,
        client_key_file=platform.client_key_file,
        extra_parameters={str(name): str(value) for name, value in platform.extra_parameters.items()},
    )


def cipher(platform: UpperPlatform) -> Callable[[str], str]:
    """clear text -> what is sent in a marked field. Raises sm2.Sm2Error for a public key that is none."""
    key = sm2.load_public_key(platform.public_key)
    form = sm2.CipherForm(platform.cipher_order, platform.cipher_prefix, platform.cipher_encoding)
    return lambda clear: sm2.encrypt(key, clear.encode(), form)


def profile(platform: UpperPlatform) -> messages.Profile:
    """Which wire names it understands."""
    overrides = {}
    for place, wire in platform.wire_overrides.items():
        clause, _, name = str(place).partition(" ")
        overrides[(clause, name)] = str(wire)
    return messages.Profile(names=platform.wire_profile, overrides=overrides)


def rules(platform: UpperPlatform) -> tuple[Rule, ...]:
    """The operator's own reading of its answers, first match first."""
    return tuple(Rule(rule.kind, rule.code, rule.words) for rule in platform.answer_rules.all())
