"""What the benches share: as many invented people as one likes, all different, and a watch."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from standard.numbers.identity import check_digit

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀英华建国平志文"


def people(count: int) -> Iterator[dict[str, str]]:
    """Invented people, all different."""
    for number in range(count):
        first17 = (
            f"120101{1940 + number % 70}{1 + number // 70 % 12:02d}{1 + number // 840 % 28:02d}{number // 23520:03d}"
        )
        yield {
            "name": SURNAMES[number % 20] + GIVEN[number // 20 % 24] + GIVEN[number // 480 % 24],
            "document_number": first17 + check_digit(first17),
            "phone": f"199{number * 7919 % 100_000_000:08d}",
        }


def timed(deed: Callable[[], Any], *values: Any) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    deed(*values)
    return (time.perf_counter() - started) * 1000
