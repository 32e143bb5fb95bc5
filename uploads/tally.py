"""What a delivery came to, in numbers."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts of rows: claimed, delivered, unchanged, withdrawn, gone, held, waiting, retrying, released; and why it stopped."""

    counts: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> int:
        if name in KINDS:
            return self.counts[name]
        raise AttributeError(name)

    def __iadd__(self, other: "Tally") -> "Tally":
        self.counts += other.counts
        self.problems += [problem for problem in other.problems if problem not in self.problems]
        return self

    @property
    def progress(self) -> int:
        """Rows that need no further sending for now."""
        return sum(self.counts[name] for name in ("delivered", "unchanged", "withdrawn", "gone", "held"))

    def as_dict(self) -> dict:
        return {**{name: self.counts[name] for name in KINDS}, "problems": self.problems}


KINDS = ("claimed", "delivered", "unchanged", "withdrawn", "gone", "held", "waiting", "retrying", "released")
