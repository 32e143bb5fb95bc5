"""The first start of `make run`: an empty portal gets the demo register, its accounts and its upper platform."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from accounts.models import User
from accounts.roles import ROLES
from community.models import Community, Post
from demo import invented
from demo.comings import lively
from demo.generator import BEIJING
from demo.loading import load
from demo.upstairs import CLIENT_ID, USERNAME, upstairs
from uploads import configuring, places

PASSWORD = "anju-demo-2026"  # noqa: S105 -- of the demo's invented accounts, on the loopback only
EVERYWHERE = {"system_admin", "security_admin", "audit_admin", "police"}
NAMES = {
    "manager": ("manager1", "陈经理"),
    "collector": ("collector1", "王敏"),
    "guard": ("guard1", "李师傅"),
    "operator": ("operator1", "赵工"),
    "police": ("police1", "刘警官"),
    "system_admin": ("sysadmin1", "周系统"),
    "security_admin": ("secadmin1", "吴安全"),
    "audit_admin": ("auditadmin1", "郑审计"),
}


def accounts(home: Path) -> None:
    """One account for each role; those who serve one community are posted to the first."""
    place = Community.objects.get(registration_code=invented.COMMUNITIES[0][0])
    lines = [f"Demo accounts (password {PASSWORD}):"]
    for role, (username, display_name) in NAMES.items():
        user = User.objects.create_user(username, password=PASSWORD, display_name=display_name, is_staff=True)
        Post.objects.create(user=user, role=role, community=None if role in EVERYWHERE else place)
        lines.append(f"  {username:<12} {ROLES[role].name}")
    (home / "demo-accounts.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def first_start(*, home: Path, upper_url: str | None, now: datetime, say: Callable[[str], object]) -> None:
    """Fill an empty portal; one that holds anything is left as it is."""
    if Community.objects.exists() or User.objects.exists():
        return
    say("Loading the demo register ...")
    scale = float(os.environ.get("ANJU_DEMO_SCALE") or 1)
    load(lively(scale=scale, today=now.astimezone(BEIJING).date()), now=now)
    accounts(home)
    if upper_url:
        keeper = upstairs(home)
        for code, *_ in invented.COMMUNITIES:
            configuring.configure(
                places.directory().by_code(code), code, base_url=upper_url, client_id=CLIENT_ID, username=USERNAME,
                password=keeper.password, public_key=keeper.public_key,
            )  # fmt: skip
