"""The log's tables. Rows are only ever added: database triggers refuse UPDATE and DELETE (migration 0002)."""

from typing import Any

import orjson
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit import merkle

VERB = "view_audit"


class AppendOnlyError(TypeError):
    """The log is only ever added to."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **values: Any) -> int:
        raise AppendOnlyError("the audit log is append-only")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("the audit log is append-only")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise AppendOnlyError("the audit log is append-only")


class AppendOnly(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("the audit log is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("the audit log is append-only")


class EntryQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: Any) -> models.QuerySet:
        """Entries of the communities where the user may review; those of no community for reviewers of all."""
        return scope.limit_entries(self, user)


class Scope:
    """Who may see which entries; `accounts` stands above and registers the answer. Nobody may until then."""

    def __init__(self) -> None:
        self.limit: Any = None

    def register(self, limit: Any) -> None:
        """limit(queryset, user, verb, path) -> queryset."""
        self.limit = limit

    def limit_entries(self, queryset: models.QuerySet, user: Any) -> models.QuerySet:
        """The visible entries; none while nobody has registered."""
        return queryset.none() if self.limit is None else self.limit(queryset, user, VERB, "community_id")


scope = Scope()


class Entry(AppendOnly):
    """Who did what, when, from where, to what, why, and how it ended. Names stand as text: they outlive the user."""

    class Outcome(models.TextChoices):
        DONE = "done", _("完成")
        REFUSED = "refused", _("拒绝")
        FAILED = "failed", _("失败")

    at = models.DateTimeField(_("时间"), db_index=True)
    actor_id = models.BigIntegerField(_("用户编号"), null=True)
    actor = models.CharField(_("操作人"), max_length=100)
    address = models.CharField(_("来源地址"), max_length=64, blank=True, default="")
    request_id = models.CharField(_("请求编号"), max_length=32, blank=True, default="")
    action = models.CharField(_("操作"), max_length=40)
    target_model = models.CharField(_("对象类别"), max_length=60, blank=True, default="")
    target_id = models.CharField(_("对象编号"), max_length=64, blank=True, default="")
    community_id = models.BigIntegerField(_("小区"), null=True)
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome, default=Outcome.DONE)
    reason = models.CharField(_("理由"), max_length=300, blank=True, default="")
    detail = models.JSONField(_("详情"), default=dict, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("审计记录")
        indexes = [
            models.Index(fields=["target_model", "target_id", "-id"], name="audit_entry_target"),
            models.Index(fields=["actor_id", "-id"], name="audit_entry_actor"),
            models.Index(fields=["community_id", "-id"], name="audit_entry_place"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"

    def leaf(self) -> bytes:
        """The hash of everything this row says, its number included; the moment to the microsecond in UTC."""
        values = {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}
        values["at"] = int(self.at.timestamp() * 1_000_000)
        return merkle.leaf_hash(orjson.dumps(values, option=orjson.OPT_SORT_KEYS))


class Leaf(AppendOnly):
    """An entry's place in the tree and its hash, given when it is sealed."""

    index = models.BigIntegerField(_("位置"), primary_key=True)
    entry_id = models.BigIntegerField(_("记录号"), unique=True)
    hash = models.CharField(_("摘要"), max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("审计叶")

    def __str__(self) -> str:
        return str(self.index)


class Head(AppendOnly):
    """A signed head: the tree's hash at a size. `peaks` lets the next sealing go on without reading the tree."""

    size = models.BigIntegerField(_("记录数"), primary_key=True)
    root = models.CharField(_("根摘要"), max_length=64)
    peaks = models.JSONField(default=list)
    made_at = models.DateTimeField(_("封存时间"))
    signature = models.CharField(_("签名"), max_length=128)

    class Meta:
        verbose_name = verbose_name_plural = _("审计封存点")

    def __str__(self) -> str:
        return f"{self.size} {self.root[:16]}"

    def statement(self) -> bytes:
        """What is signed."""
        return f"anju-audit-head\n{self.size}\n{self.root}\n{int(self.made_at.timestamp())}".encode()
