"""The log's tables. Rows are only ever added: database triggers refuse UPDATE and DELETE (migration 0002)."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit import canonical
from guomi import keyring

VERB = "view_audit"
MAC, LEAF_MAC = "audit.entry", "audit.leaf"  # labels of the keys


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

    def reviewed_by(self, user: Any) -> models.QuerySet:
        """As visible_to, the communities named one by one: then a database with a million entries plans for a page of them."""
        ids = scope.ids(user)
        return self if ids is None else self.filter(community_id__in=ids)


class Scope:
    """Who may see which entries; `accounts` stands above and registers the answer. Nobody may until then."""

    def __init__(self) -> None:
        self.limit: Any = None
        self.allows: Any = None
        self.holds: Any = None
        self.everywhere: Any = lambda user: False
        self.ids: Any = lambda user: []  # pks of the communities one may review; None for all
        self.places: Any = lambda user: []  # (pk, name) of the communities one may review, for a filter

    def register(self, limit: Any) -> None:
        """limit(queryset, user, verb, path) -> queryset."""
        self.limit = limit

    def may(self, request: Any, scope_name: str) -> bool:
        """May this request do what an API token of that scope may? Nobody may until `accounts` registers the answer."""
        return self.allows is not None and self.allows(request, scope_name)

    def reviews(self, user: Any) -> bool:
        """May the user review the log anywhere?"""
        return self.holds is not None and self.holds(user, VERB)

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
    role = models.CharField(_("角色"), max_length=100, blank=True, default="")
    session = models.CharField(_("会话"), max_length=16, blank=True, default="")
    mac = models.CharField(_("校验码"), max_length=64, blank=True, default="")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("审计记录")
        indexes = [
            models.Index(fields=["target_model", "target_id", "-id"], name="audit_entry_target"),
            models.Index(fields=["actor_id", "-id"], name="audit_entry_actor"),
            models.Index(fields=["community_id", "-id"], name="audit_entry_place"),
            models.Index(fields=["action", "-id"], name="audit_entry_action"),
            models.Index(fields=["role", "-id"], name="audit_entry_role"),
            models.Index(fields=["address", "-id"], name="audit_entry_address"),
            models.Index(fields=["session", "id"], name="audit_entry_session", condition=~models.Q(session="")),
            models.Index(fields=["-id"], name="audit_entry_reasoned", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"

    def values(self) -> dict[str, Any]:
        """Everything this row says, as it is hashed."""
        said = {name: getattr(self, name) for name in canonical.FIELDS}
        said["at"] = canonical.micros(self.at)
        return said

    def leaf(self) -> bytes:
        """The hash of everything this row says, its number included; the moment to the microsecond in UTC."""
        return canonical.leaf(self.values())

    def own_mac(self) -> str:
        """The code only this portal can make: a row somebody wrote into the table has none."""
        return keyring.get().index(MAC, canonical.claim(self.values()))


class Leaf(AppendOnly):
    """An entry's place in the tree and its hash, given when it is sealed."""

    index = models.BigIntegerField(_("位置"), primary_key=True)
    entry_id = models.BigIntegerField(_("记录号"), unique=True)
    hash = models.CharField(_("摘要"), max_length=64)
    mac = models.CharField(_("校验码"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("审计叶")

    def __str__(self) -> str:
        return str(self.index)

    def own_mac(self) -> str:
        """Binds hash and entry to the place: it tells which leaf was moved when the tree no longer fits."""
        return leaf_mac(self.index, self.entry_id, self.hash)


def leaf_mac(index: int, entry_id: int, leaf: str) -> str:
    """The code of a leaf."""
    return keyring.get().index(LEAF_MAC, f"{index} {entry_id} {leaf}")


class Head(AppendOnly):
    """A signed head: the tree's hash at a size. `peaks` lets the next sealing go on without reading the tree."""

    size = models.BigIntegerField(_("记录数"), primary_key=True)
    root = models.CharField(_("根摘要"), max_length=64)
    peaks = models.JSONField(default=list)
    made_at = models.DateTimeField(_("封存时间"))
    signature = models.CharField(_("签名"), max_length=128)
    previous = models.BigIntegerField(_("上一封存点"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("审计封存点")

    def __str__(self) -> str:
        return f"{self.size} {self.root[:16]}"

    def statement(self) -> bytes:
        """What is signed: size, root, moment, and (since there is one) the size of the head before it."""
        return statement(self.size, self.root, int(self.made_at.timestamp()), self.previous)


def statement(size: int, root: str, made_at: int, previous: int | None) -> bytes:
    """The text of a head, `made_at` in seconds since 1970."""
    told = f"anju-audit-head\n{size}\n{root}\n{made_at}"
    return (told if previous is None else f"{told}\n{previous}").encode()


class Chunk(AppendOnly):
    """The root of one full run of merkle.CHUNK leaves: what makes proofs quick. It can always be computed again."""

    index = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("审计分块")

    def __str__(self) -> str:
        return str(self.index)


class Tombstone(AppendOnly):
    """Entries from leaf `first` to leaf `last` were removed by the retention rule; `entry_id` tells of it in the log.

    Their leaves stay, so the tree stays whole. The triggers let entries go only under a tombstone.
    """

    first = models.BigIntegerField(_("起"), primary_key=True)
    last = models.BigIntegerField(_("止"))
    entry_id = models.BigIntegerField(_("记录号"))

    class Meta:
        verbose_name = verbose_name_plural = _("到期删除")

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


class Countersignature(AppendOnly):
    """A witness saw this head, found it to go on from the last one it saw, and signed it with a key the office never holds."""

    witness = models.CharField(_("见证方"), max_length=40)
    size = models.BigIntegerField(_("记录数"))
    root = models.CharField(_("根摘要"), max_length=64)
    seen_at = models.BigIntegerField(_("见证时间"))  # seconds since 1970, by the witness's clock
    signature = models.CharField(_("签名"), max_length=128)
    received_at = models.DateTimeField(_("收到时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("见证签名")
        constraints = [models.UniqueConstraint(fields=["witness", "size"], name="audit_countersignature_once")]

    def __str__(self) -> str:
        return f"{self.witness} {self.size}"

    def statement(self) -> bytes:
        """What the witness signs."""
        return f"anju-audit-witness\n{self.witness}\n{self.size}\n{self.root}\n{self.seen_at}".encode()


class FolderQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> models.QuerySet:
        """One's own folders: what one reviewer looks into is not the others' business; but who reviews all sees all."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self if scope.everywhere(user) else self.filter(made_by_id=user.pk)


class Folder(models.Model):
    """案卷: entries a reviewer put together, with notes, to be exported with their proofs."""

    name = models.CharField(_("名称"), max_length=60)
    reason = models.CharField(_("案由或案件编号"), max_length=100)
    notes = models.TextField(_("备注"), blank=True, default="", max_length=5000)
    made_by_id = models.BigIntegerField(_("建立人"))
    made_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    objects = FolderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("案卷")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class FolderItem(models.Model):
    """One entry in a folder."""

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="items")
    entry_id = models.BigIntegerField()
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("案卷内容")
        ordering = ["entry_id"]
        constraints = [models.UniqueConstraint(fields=["folder", "entry_id"], name="audit_folder_entry_once")]

    def __str__(self) -> str:
        return str(self.entry_id)
