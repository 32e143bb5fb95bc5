"""System checks of the keys: a wrong one is found at start, not at the first value somebody asks for."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import DataKey
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


def register_all() -> None:
    checks.register(environment, checks.Tags.security)
    checks.register(usable, checks.Tags.database)
