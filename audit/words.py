"""The log's words for people: what was done, to what."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, Promise] = {
    "answer_rights": _("答复权利请求"),
    "change": _("修改"),
    "check_face": _("人证核验"),
    "review_face": _("复核人证核验"),
    "change_password": _("修改密码"),
    "set_password": _("设定密码"),
    "disable_idle": _("停用闲置账号"),
    "enrol_factor": _("启用动态口令"),
    "second_factor": _("动态口令登录"),
    "renew_recovery": _("重新生成恢复码"),
    "reset_factor": _("重置动态口令"),
    "end_session": _("结束会话"),
    "idle_out": _("闲置自动退出"),
    "outside_network": _("在指定网段之外登录"),
    "stale_session": _("使用已结束的会话"),
    "unlock": _("解除登录锁定"),
    "unmerge_people": _("撤销人员合并"),
    "make_token": _("签发接口令牌"),
    "revoke_token": _("停用接口令牌"),
    "collect": _("采集登记"),
    "configure_upper": _("配置上级平台"),
    "load_interface": _("载入扩展接口"),
    "unload_interface": _("删除扩展接口"),
    "create": _("新建"),
    "damaged": _("发现无法解密的内容"),
    "delete": _("删除"),
    "erase": _("删除个人档案"),
    "export_item": _("导出上传项"),
    "deliver": _("上报"),
    "export_log": _("导出审计日志"),
    "forget_anchor": _("承认恢复的备份"),
    "list": _("浏览列表"),
    "refused": _("越权访问被拒"),
    "search": _("搜索"),
    "purge_log": _("清理到期的审计日志"),
    "witness": _("见证审计日志"),
    "view_log": _("查看审计日志"),
    "generate_houses": _("批量生成房屋"),
    "import": _("导入"),
    "import_photos": _("导入照片"),
    "import_register": _("导入工作簿"),
    "undo_import": _("撤销导入"),
    "export_register": _("导出名册"),
    "lift_restriction": _("解除限制处理"),
    "likeness": _("判断疑似同一人"),
    "lockout": _("暂停登录"),
    "make_folder": _("建立案卷"),
    "change_folder": _("整理案卷"),
    "merge_people": _("合并人员档案"),
    "move_out": _("登记迁出"),
    "print_sheet": _("打印核对表"),
    "change_lease": _("续租、修改租约"),
    "pull": _("获取上级数据"),
    "purge": _("按保存期限清理"),
    "purge_pictures": _("清理无主图片"),
    "release_held": _("放行待处理记录"),
    "restrict": _("限制处理"),
    "reveal": _("查看明文"),
    "reveal_quota": _("查看明文次数已用完"),
    "renew_keys": _("更换数据密钥"),
    "reseal": _("按新密钥重新加密"),
    "rewrap_keys": _("更换主密钥"),
    "rights_export": _("导出个人信息"),
    "send_again": _("重新上报"),
    "sign_in": _("登录系统"),
    "sign_out": _("退出系统"),
    "take_addresses": _("采用标准地址编码"),
    "verify_log": _("校验审计日志"),
    "view": _("查看档案"),
    "view_picture": _("查看图片"),
}


# What the keys of an entry's detail say; a key that is not here stays as it is.
DETAILS: dict[str, Promise] = {
    "asked": _("请求的编号"), "before": _("截止"), "choice": _("判断"), "clear": _("明文项数"), "consents": _("书面同意"), "count": _("条数"), "days": _("天数"), "delivered": _("已收"),
    "entries": _("条数"), "filters": _("筛选"), "first": _("起"), "held": _("退回"), "history": _("历史"), "interface": _("接口"),
    "item": _("上传项"), "keys": _("密钥"), "last": _("止"), "left": _("剩余恢复码"), "method": _("方法"), "person": _("人员"),
    "position": _("位置"), "problem": _("问题"), "query": _("搜索内容"), "removed": _("已删除"), "report": _("上报类别"),
    "retrying": _("重试"), "route": _("页面"), "rows": _("行数"), "rule": _("规则"), "scopes": _("权限范围"),
    "session": _("会话"), "result": _("结果"), "took_ms": _("用时(毫秒)"), "size": _("记录数"), "status": _("状态码"), "user": _("用户"), "way": _("方式"), "why": _("原因"),
    "witness": _("见证方"),
}  # fmt: skip


def details(entry: Any) -> list[tuple[str, Any]]:
    """(title, value) of what an entry tells besides fields and changes."""
    told = {name: value for name, value in entry.detail.items() if name not in ("changes", "fields", "field")}
    return [(str(DETAILS.get(name, name)), value) for name, value in told.items()]


def action(code: str) -> str:
    """The deed in words; a code from an older version stays as it is."""
    return str(ACTIONS.get(code, code))


def target(label: str) -> str:
    """The kind of subject in words: "residents.person" is 人员."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def fields(label: str, names: Iterable[str]) -> str:
    """Field names of a model in words; a name it does not have (any more) stays as it is."""
    try:
        meta = apps.get_model(label)._meta
    except (LookupError, ValueError):
        return "、".join(names)
    known = {field.attname: str(getattr(field, "verbose_name", field.name)) for field in meta.concrete_fields}
    known |= {field.name: known[field.attname] for field in meta.concrete_fields}
    return "、".join(known.get(name, name) for name in names)


def touched(entry: Any) -> str:
    """Which fields an entry speaks of, in words."""
    said = entry.detail.get("fields") or entry.detail.get("field") or []
    return fields(entry.target_model, [said] if isinstance(said, str) else [str(one) for one in said])


def _particulars(entry: Any) -> str:
    """What a sentence should not leave out: what was searched for, what came of a delivery, what was exported."""
    detail = entry.detail
    if query := detail.get("query"):
        return f"“{query}”"
    if entry.action == "deliver":
        counts = {
            "delivered": _("已收 %d 条"),
            "held": _("退回 %d 条"),
            "retrying": _("重试 %d 条"),
            "withdrawn": _("撤回 %d 条"),
        }
        told = [str(words) % detail[name] for name, words in counts.items() if detail.get(name)]
        return f"{detail.get('interface', '')} {'、'.join(told)}".strip()
    return str(_("%d 条") % detail["entries"]) if isinstance(detail.get("entries"), int) else ""


def sentence(entry: Any) -> str:
    """An entry as one sentence, without the moment and the address."""
    who = f"{entry.actor}({entry.role})" if entry.role else entry.actor
    what = [action(entry.action)]
    if entry.target_model:
        what.append(target(entry.target_model))
    if found := touched(entry):
        what.append(f"({found})")
    if found := _particulars(entry):
        what.append(found)
    said = f"{who} {' '.join(what)}"
    if entry.outcome != "done":
        said += f",{entry.get_outcome_display()}"
    return f"{said},{_('理由:%s') % entry.reason}" if entry.reason else said


def changes(entry: Any) -> list[tuple[str, str, str]]:
    """(field in words, before, after) of a change, masked as it was written."""
    found = entry.detail.get("changes")
    if not isinstance(found, dict):
        return []
    return [(fields(entry.target_model, [name]), *pair) for name, pair in found.items() if len(pair) == 2]
