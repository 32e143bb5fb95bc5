"""Lint of what ruff does not see: `python -m config.lint`. Exits 1 with a line for each finding.

Templates compile and load nothing from another host; every string of the screen has its English; compiled copies of
nothing are committed.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import polib
from django.template import TemplateSyntaxError
from django.template.loader import get_template

from config.catalogues import sources
from config.home import CHECKOUT

CALLS = {"_", "gettext", "gettext_lazy", "pgettext", "ngettext", "ngettext_lazy", "pgettext_lazy", "gettext_noop"}
TAG = re.compile(r"""\{%\s*(?:translate|trans)\s+(?:"([^"]+)"|'([^']+)')""")
BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b([^%]*)%\}(.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.S)
FOREIGN = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
VALUE = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
SKIP = {".venv", "var", "vendor", "node_modules", "migrations", "tests"}


def files(suffix: str) -> Iterator[Path]:
    """Every file of the project with that suffix."""
    for path in sorted(CHECKOUT.rglob(f"*{suffix}")):
        if not SKIP & set(path.relative_to(CHECKOUT).parts):
            yield path


def python_messages(path: Path) -> Iterator[tuple[int, str]]:
    """(line, message) of each gettext call with a literal text."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CALLS:
            continue
        argument = node.args[1] if name.startswith("pgettext") and len(node.args) > 1 else node.args[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield node.lineno, argument.value


def template_messages(path: Path) -> Iterator[tuple[int, str]]:
    """(line, message) of each translate tag; blocks as Django names them: {{ x }} is %(x)s."""
    text = path.read_text(encoding="utf-8")
    for match in TAG.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1) or match.group(2)
    for match in BLOCK.finditer(text):
        body = re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", match.group(2))
        if "trimmed" in match.group(1):
            body = " ".join(line.strip() for line in body.strip().splitlines())
        for part in re.split(r"\{%\s*plural\s*%\}", body)[:1]:
            yield text.count("\n", 0, match.start()) + 1, part


def english() -> set[str]:
    """Every message that has an English translation."""
    known: set[str] = set()
    for source in sources():
        if source.parent.parent.name == "en":
            known |= {entry.msgid for entry in polib.pofile(str(source)) if entry.translated() and not entry.obsolete}
    return known


def wrong_translations() -> Iterator[str]:
    """Translations that are fuzzy, left over, or speak of other values than their message."""
    for source in sources():
        for entry in polib.pofile(str(source)):
            where = f"{source.relative_to(CHECKOUT)}:{entry.linenum}"
            if entry.obsolete or entry.fuzzy:
                yield f"{where}: fuzzy or left over: «{entry.msgid}»"
            elif entry.msgstr and sorted(VALUE.findall(entry.msgid)) != sorted(VALUE.findall(entry.msgstr)):
                yield f"{where}: other values than its message: «{entry.msgid}»"


def untranslated() -> Iterator[str]:
    """Messages without English."""
    known = english()
    for suffix, reader in ((".py", python_messages), (".html", template_messages)):
        for path in files(suffix):
            for line, message in reader(path):
                if CHINESE.search(message) and message not in known:
                    yield f"{path.relative_to(CHECKOUT)}:{line}: no English for «{message}»"


def bare_chinese() -> Iterator[str]:
    """Chinese in a template outside a translate tag: it would stay Chinese in English."""
    for path in files(".html"):
        if "sandbox" in path.parts:
            continue
        text = BLOCK.sub(lambda match: "\n" * match.group(0).count("\n"), path.read_text(encoding="utf-8"))
        text = re.sub(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", text, flags=re.S)
        for number, line in enumerate(text.splitlines(), 1):
            if CHINESE.search(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", line)):
                yield f"{path.relative_to(CHECKOUT)}:{number}: Chinese outside a translate tag: {line.strip()[:60]}"


def broken_templates() -> Iterator[str]:
    """Templates that do not compile, or load something from another host."""
    for path in files(".html"):
        root = next((parent for parent in path.parents if parent.name == "templates"), None)
        if root is None:
            continue
        try:
            get_template(str(path.relative_to(root)))
        except TemplateSyntaxError as error:
            yield f"{path.relative_to(CHECKOUT)}: {error}"
        if FOREIGN.search(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(CHECKOUT)}: loads something from another host"


def main() -> int:
    """Print the findings; 1 if there are any."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    findings = [*broken_templates(), *bare_chinese(), *untranslated(), *wrong_translations()]
    for finding in findings:
        print(finding)
    print(f"config.lint: {len(findings)} findings" if findings else "config.lint: templates and translations are whole")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
