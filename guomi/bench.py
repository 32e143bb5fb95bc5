"""Measures SM2 encryption, wire formatting included, beside gmssl in the same run. Pure: returns results.

Nothing but this bench and the tests may import gmssl: its random numbers can be predicted.
"""

import statistics
import time
from collections.abc import Callable

from gmssl import sm2 as gmssl_sm2

from guomi import sm2

ROUNDS = 5
SECONDS_A_ROUND = 0.4
TEXTS = tuple(f"12010119900307{n:03}X" for n in range(50))


def sm2_cases() -> list[dict]:
    """Results in the form of DESIGN §6: encryptions of an 18-byte text into hex, per CPU-second.

    The rounds of both alternate, so that a busy machine slows both alike; the value is the best round.
    """
    pair = sm2.generate()
    reference = gmssl_sm2.CryptSM2(private_key="", public_key="", mode=1)
    reference.public_key = pair.public.hex()  # set afterwards: its constructor strips leading 0s and 4s
    runs = {
        "own": lambda text: sm2.encrypt(pair.public, text.encode()),
        "gmssl": lambda text: "04" + reference.encrypt(text.encode()).hex(),
    }
    rates: dict[str, list[float]] = {key: [] for key in runs}
    for _round in range(ROUNDS):
        for key, run in runs.items():
            rates[key].append(_rate(run))
    own, other = max(rates["own"]), max(rates["gmssl"])
    return [
        {
            "case": "SM2 encryptions of 18 bytes into hex, per CPU-second",
            "value": round(own, 1),
            "unit": "1/s",
            "baseline": "gmssl",
            "baseline_value": round(other, 1),
            "ratio": round(own / other, 1),
            "median": round(statistics.median(rates["own"]), 1),
            "baseline_median": round(statistics.median(rates["gmssl"]), 1),
        }
    ]


def _rate(run: Callable[[str], str]) -> float:
    """Calls per CPU-second over one round."""
    done, started = 0, time.process_time()
    while time.process_time() - started < SECONDS_A_ROUND:
        run(TEXTS[done % len(TEXTS)])
        done += 1
    return done / (time.process_time() - started)
