"""Measures finding, telling apart and the whole check on the ORL faces, one core, one thread. Pure: returns results.

The pictures like a webcam's and like a card's portrait are simulated (faces.orl); nothing here shows Chinese residents.
"""

import itertools
import json
import os
import resource
import statistics
import time
from typing import Any

import numpy as np

from faces import orl, quality, sight
from faces.engine import lent
from faces.pictures import decoded

THRESHOLDS = (0.33, 0.363, 0.38, 0.40, 0.42, 0.45, 0.48)
ASKED_SECONDS = 1.5  # from the shutter to the score, on one core
CARD_HEIGHTS = (95, 71, 53)  # px of the picture: face boxes of about 80, 60 and 45 px
ALLOWED_MB = 600
Results = list[dict[str, Any]]


def _case(
    case: str, value: float, unit: str, baseline: str, other: float, ratio: float | None = None
) -> dict[str, Any]:
    found = (value / other if other else 0.0) if ratio is None else ratio
    return {
        "case": case, "value": round(value, 4), "unit": unit, "baseline": baseline, "baseline_value": round(other, 4),
        "ratio": round(found, 3),
    }  # fmt: skip


def templates(people: int, make: Any) -> tuple[dict[tuple[int, int], np.ndarray], int, int]:
    """Templates by (person, picture), how many pictures had exactly one face, how many there were."""
    found, single, seen = {}, 0, 0
    with lent() as engine:
        for person, picture in itertools.product(range(1, people + 1), range(1, orl.PICTURES + 1)):
            pixels = decoded(orl.jpeg(make(person, picture)))
            faces = engine.find(pixels)
            seen, single = seen + 1, single + (len(faces) == 1)
            aligned = engine.align(pixels, faces[0]) if faces else None
            if aligned is not None:
                found[person, picture] = engine.vector(aligned)[0]
    return found, single, seen


def _scores(one: dict, other: dict) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the same and of different people; never a picture with its own self or its own card."""
    keys, others = sorted(one), sorted(other)
    table = np.stack([one[key] for key in keys]) @ np.stack([other[key] for key in others]).T
    who, whom = np.array([key[0] for key in keys]), np.array([key[0] for key in others])
    which, whose = np.array([key[1] for key in keys]), np.array([key[1] for key in others])
    same = who[:, None] == whom[None, :]
    return table[same & (which[:, None] != whose[None, :])], table[~same]


def _errors(title: str, same: np.ndarray, other: np.ndarray) -> Results:
    """False accepts and false rejects at every threshold, in per cent, and where both are equal."""
    rows = []
    for bound in THRESHOLDS:
        accepts, rejects = 100 * float((other >= bound).mean()), 100 * float((same < bound).mean())
        rows.append(_case(f"{title}, threshold {bound}: false accepts", accepts, "%", "false rejects", rejects))
    bounds = np.linspace(0, 1, 1001)
    equal = min(bounds, key=lambda bound: abs(float((other >= bound).mean()) - float((same < bound).mean())))
    rate = 100 * (float((other >= equal).mean()) + float((same < equal).mean())) / 2
    return [*rows, _case(f"{title}: equal error rate", rate, "%", "at threshold", float(equal), 1.0)]


def error_cases(people: int = orl.PEOPLE) -> Results:
    """1:1 between webcam pictures, and webcam pictures against cards of three sizes."""
    live, single, seen = templates(people, orl.webcam)
    results = [_case("webcam pictures with exactly one face found", 100 * single / seen, "%", "pictures", seen, 1.0)]
    results += _errors("webcam against webcam", *_scores(live, live))
    for height in CARD_HEIGHTS:
        cards, single, seen = templates(people, lambda who, which, tall=height: orl.card(who, which, height=tall))
        title = f"card portrait {height} px"
        results.append(_case(f"{title}: exactly one face found", 100 * single / seen, "%", "pictures", seen, 1.0))
        results += _errors(f"{title} against webcam", *_scores(live, cards))
    return results


def quality_cases(people: int = orl.PEOPLE) -> Results:
    """How often a good picture is refused or remarked on, and a spoilt one is not."""
    spoilt = {
        "good": {},
        "blurred (9 px)": {"blur": 9},
        "dark (gamma 6)": {"gamma": 6},
        "far (head 90 px)": {"head": 90},
    }
    results = []
    for title, how in spoilt.items():
        verdicts = [
            sight.glance(orl.jpeg(orl.webcam(person, 1, **how)), camera_width=orl.WEBCAM[0]).hints
            for person in range(1, people + 1)
        ]
        remarked = 100 * sum(bool(hints) for hints in verdicts) / people
        turned_away = 100 * sum(quality.refused(hints) for hints in verdicts) / people
        results.append(_case(f"live frames, {title}: remarked on", remarked, "%", "refused", turned_away))
    return results


def time_cases(rounds: int = 60) -> Results:
    """Seconds from the bytes of both pictures to the score, of a live frame to its hints; peak memory of this process."""
    pairs = [
        (orl.jpeg(orl.webcam(1 + n % orl.PEOPLE, 1)), orl.jpeg(orl.card(1 + n % orl.PEOPLE, 2)))
        for n in range(min(rounds, orl.PEOPLE))
    ]
    frame = orl.jpeg(orl.webcam(1, 1).resize((640, 480)), 70)
    first = _took(sight.compare, *pairs[0])
    results = [_case("first check, networks loaded on the way", first, "s", "asked", ASKED_SECONDS)]
    checks = [_took(sight.compare, *pairs[n % len(pairs)]) for n in range(rounds)]
    looks = [_took(sight.glance, frame) for _ in range(rounds)]
    for title, took, asked in (("check, 1280×960 and card", checks, ASKED_SECONDS), ("look at a frame", looks, 0.06)):
        cuts = statistics.quantiles(took, n=100)
        results += [_case(f"{title}, {name}", cuts[at], "s", "asked", asked) for name, at in (("p50", 49), ("p95", 94))]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*results, _case("peak memory of the process", peak, "MB", "allowed", ALLOWED_MB)]


def _took(deed: Any, *values: bytes) -> float:
    started = time.perf_counter()
    deed(*values)
    return time.perf_counter() - started


def face_cases(scale: float = 1.0) -> Results:
    """Everything; `scale` takes a share of the 40 people."""
    people = max(2, int(orl.PEOPLE * scale))
    return [*time_cases(), *quality_cases(people), *error_cases(people)]


def main() -> None:
    """On one core, whatever the machine has: the last line is JSON."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(json.dumps(face_cases(float(os.environ.get("FACES_BENCH_SCALE", "1")))))


if __name__ == "__main__":
    main()
