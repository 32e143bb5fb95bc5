"""System checks of keys and retention periods: a wrong one is found at start, not when it is needed."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection
from django.utils.translation import gettext as _

from accounts import keeping
from accounts.models import DataKey, RetentionPeriod
from guomi import keyring
from guomi.keyfiles import KeyringError, provider_given


def environment(app_configs: Any, **_facts: Any) -> list[checks.CheckMessage]:
    """The key-encryption key that the environment names can be read."""
    try:
        provider_given(Path(settings.HOME))
    except KeyringError as error:
        return [checks.Error(str(error), id="accounts.E001")]
    return []


def usable(app_configs: Any, databases: Any = None, **_facts: Any) -> list[checks.CheckMessage]:
    """With `check --database default`: the key-encryption key opens every data key."""
    if not databases or DataKey._meta.db_table not in connection.introspection.table_names():
        return []
    try:
        unusable = keyring.get().unusable()
    except KeyringError as error:
        return [checks.Error(str(error), id="accounts.E002")]
    if not unusable:
        return []
    message = _("主密钥打不开这些数据密钥:%(keys)s") % {"keys": "、".join(unusable)}
    hint = _("请恢复与数据库同时备份的 keys 文件夹,或检查 ANJU_KEK。")
    return [checks.Error(message, hint=hint, id="accounts.E002")]


def kept_long_enough(app_configs: Any, databases: Any = None, **_facts: Any) -> list[checks.CheckMessage]:
    """With `check --database default`: no period is shorter than the standard and the law demand, or beyond the rule's end."""
    if not databases or RetentionPeriod._meta.db_table not in connection.introspection.table_names():
        return []
    found = []
    for code, days in keeping.periods().items():
        rule = keeping.get(code)
        if not rule.least <= days <= rule.most:
            words = {"title": rule.title, "days": days, "least": rule.least, "most": rule.most}
            message = _("“%(title)s”保存 %(days)d 天,应在 %(least)d 到 %(most)d 天之间") % words
            found.append(checks.Error(message, hint=_("请在“保存期限”页面改正。"), id="accounts.E003"))
    return found


def register_all() -> None:
    checks.register(environment, checks.Tags.security)
    checks.register(usable, checks.Tags.database)
    checks.register(kept_long_enough, checks.Tags.database)
