"""The self-test as a Django system check."""

from django.core.checks import Error, Tags, register
from django.utils.translation import gettext as _

from guomi import selftest


@register(Tags.security)
def check_ciphers(app_configs: object, **kwargs: object) -> list[Error]:
    """Nothing may be served while one of the national ciphers computes something wrong."""
    failed = selftest.run()
    if not failed:
        return []
    message = _("国密算法自检未通过：%(parts)s") % {"parts": "、".join(failed)}
    return [Error(message, hint=_("请检查 gmssl-pyx、cryptography 与系统 OpenSSL 的版本。"), id="guomi.E001")]
