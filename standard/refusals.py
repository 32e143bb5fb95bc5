"""Why a message is not one the standard allows. A refusal names the field and the clause and never holds the value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from standard.fields import Field

MAX_TOLD = 20  # a batch of bad records shall not make a page of text


@dataclass(frozen=True, slots=True)
class Refusal:
    """One fault: the field by its three names, the clause, the kind, a Chinese phrase, and the record's place in a batch.

    `kind` is required | conditional | type | time | format | code | length | characters | picture | items | order |
    sealed | unknown | size. `place` counts from 1; 0 is a message of one record.
    """

    clause: str
    wire: str
    en: str
    name_zh: str
    kind: str
    problem: str
    place: int = 0

    def __str__(self) -> str:
        where = f"第{self.place}条记录的" if self.place else ""
        return f"{where}{self.name_zh}({self.wire}){self.problem}({self.clause})"

    def at(self, place: int) -> "Refusal":
        """The same fault in a record of a batch."""
        return replace(self, place=place)


class MessageError(ValueError):
    """A message that the standard does not allow; `refusals` say why, all of them."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        told = "；".join(str(refusal) for refusal in self.refusals[:MAX_TOLD])
        more = len(self.refusals) - MAX_TOLD
        super().__init__(told + (f"；另有 {more} 处" if more > 0 else ""))


def refuse(clause: str, field: Field, kind: str, problem: str) -> Refusal:
    """A fault of this field."""
    return Refusal(clause, field.wire, field.en, field.zh, kind, problem)
