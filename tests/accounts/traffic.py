"""Works on people until its standard input closes: `python -m tests.accounts.traffic write|read`; then prints what it did.

Run as a process of its own, while another one changes the keys. The writer saves names and pictures (with history rows);
the reader opens every encrypted value of every row, and every picture.
"""

import json
import os
import random
import select
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from demo.drawings import portrait  # noqa: E402
from guomi.rotation import tables  # noqa: E402
from residents.models import Person  # noqa: E402


def told_to_stop() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def write(number: int) -> int:
    pks = list(Person.objects.values_list("pk", flat=True)[:200])
    person = Person.objects.get(pk=random.choice(pks))
    person.former_name = f"曾用名{number}"
    person.workplace = f"单位{number}"
    if number % 5 == 0:
        person.photo = portrait(number, "1")
    person.save()
    return 1


def read(number: int) -> int:
    found = 0
    for table in tables():
        for row in table.model._base_manager.all()[:100]:
            found += sum(1 for one in table.sealed if getattr(row, one.name))
            found += sum(1 for one in table.files if opened(row, one))
    return found


def opened(row, one) -> bool:
    """A picture replaced since its row was read is not there any more: the row, read again, names the new one."""
    if not getattr(row, one.name):
        return False
    try:
        return bool(getattr(row, one.name).read_clear())
    except ValueError:
        return bool(getattr(type(row)._base_manager.get(pk=row.pk), one.name).read_clear())


def main() -> None:
    deed = {"write": write, "read": read}[sys.argv[1]]
    done, number, errors = 0, 0, []
    while not told_to_stop():
        number += 1
        try:
            done += deed(number)
        except Exception as error:  # any error at all is what the test is looking for
            errors.append(repr(error)[:300])
            if len(errors) > 5:
                break
    print(json.dumps({"done": done, "errors": errors}))


if __name__ == "__main__":
    main()
