"""System checks of the report declarations: a wrong one is found at start, not at the first sending."""

from typing import Any

from django.core import checks
from django.db import connection
from django.db.models import Model

from standard import interfaces
from uploads import reports
from uploads.installing import install_problems
from uploads.models import Resealing
from uploads.triggers import VENDORS, triggers_of


def declarations(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    """Every report names a push interface and paths that can be compiled into triggers."""
    found: list[checks.CheckMessage] = []
    for report in reports.every():
        found += [checks.Error(problem, obj=report.name, id="uploads.E001") for problem in _problems(report)]
    return found


def _problems(report: reports.Report) -> list[str]:
    problems = []
    for clause in filter(None, (report.interface, report.withdraw)):
        try:
            if interfaces.get(clause).direction != "push":
                problems.append(f"{clause} 不是上报接口")
        except KeyError:
            problems.append(f"没有接口 {clause}")
    if not issubclass(report.model, Model):
        return [*problems, "model 不是数据模型"]
    if connection.vendor in VENDORS:
        try:
            triggers_of(report, connection)
        except Exception as error:  # a wrong path fails in many ways, all of them of the declaration
            problems.append(f"无法生成触发器:{error}")
    return problems


def installed(app_configs: Any, databases: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """With `check --database default`: the triggers are in the database."""
    if not databases:
        return []
    hint = "请运行 python manage.py migrate"
    return [checks.Warning(f"缺少触发器 {name}", hint=hint, id="uploads.W001") for name in install_problems(connection)]


def unmarked(app_configs: Any, databases: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """With `check --database default`: no mark is left that would keep changes from becoming due."""
    if not databases or Resealing._meta.db_table not in connection.introspection.table_names():
        return []
    if not Resealing.objects.exists():
        return []
    hint = f"表 {Resealing._meta.db_table} 只应在重新加密的事务中有记录：请查明来历后清空该表,并重新比对全部记录"
    return [checks.Error("有遗留的重新加密标记,部分修改可能没有上报", hint=hint, id="uploads.E002")]


def register_all() -> None:
    checks.register(unmarked, checks.Tags.database)
    checks.register(declarations, "uploads")
    checks.register(installed, checks.Tags.database)
