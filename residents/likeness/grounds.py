"""What two descriptions of a person have in common. Pure: facts in, grounds out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from guomi import normalise
from standard.numbers import NumberError, identity

# Codes of grounds, and how much each says. The stronger three have to be answered before somebody new is registered.
NUMBER, NUMBER_OF_OTHER_KIND = "number", "number_of_other_kind"
NAME_BIRTH, NAME_PHONE, HOUSE_NAME = "name_birth", "name_phone", "house_name"
HOUSE_BIRTH, PHONE = "house_birth", "phone"
STRENGTH = {
    NUMBER: 100, NUMBER_OF_OTHER_KIND: 90, NAME_BIRTH: 80, NAME_PHONE: 70, HOUSE_NAME: 60, HOUSE_BIRTH: 40, PHONE: 20,
}  # fmt: skip
DECIDED = frozenset({NUMBER_OF_OTHER_KIND, NAME_BIRTH, NAME_PHONE, HOUSE_NAME})  # somebody has to say what it is
LONG, SHORT = 18, 15


@dataclass(frozen=True)
class Facts:
    """What is known or typed of somebody, in any spelling. Unknown is "" or None."""

    document_number: str = ""
    name: str = ""
    birth_date: date | None = None
    phone: str = ""
    document_type: str = ""

    @property
    def born(self) -> date | None:
        """The birth date given, else the one an identity number tells."""
        if self.birth_date is not None:
            return self.birth_date
        try:
            return identity.parse(self.document_number).birth_date
        except NumberError:
            return None


def of_person(person: Any) -> Facts:
    """The facts of a registered person, in clear: to compare, never to show."""
    return Facts(person.document_number, person.name, person.birth_date, person.phone, person.document_type)


def spellings(number: str) -> set[str]:
    """How a number may stand in the register: a number of 15 digits also in its 18, and the other way round.

    >>> sorted(spellings("110101900307123")), sorted(spellings("110101199003071233")), spellings(" e 123 ")
    (['110101199003071233', '110101900307123'], ['110101199003071233', '110101900307123'], {'E123'})
    """
    plain = normalise.document(number)
    found = {plain} - {""}
    if len(plain) == SHORT and plain.isdigit():
        found.add(plain[:6] + "19" + plain[6:] + identity.check_digit(plain[:6] + "19" + plain[6:]))
    elif len(plain) == LONG and plain[:17].isdigit() and plain[6:8] == "19":
        found.add(plain[:6] + plain[8:17])
    return found


def shared(one: Facts, two: Facts, *, same_house: bool = False) -> tuple[str, ...]:
    """Grounds to think that both are the same person, the strongest first."""
    same_name = _same(normalise.name, one.name, two.name)
    same_phone = _same(normalise.phone, one.phone, two.phone)
    same_birth = one.born is not None and one.born == two.born
    same_surname = _same(normalise.surname, one.name, two.name)
    found = {
        NAME_BIRTH: same_name and same_birth,
        NAME_PHONE: same_name and same_phone,
        HOUSE_NAME: same_house and same_name,
        HOUSE_BIRTH: same_house and same_surname and same_birth and not same_name,
        PHONE: same_phone and not same_name,
    }
    if spellings(one.document_number) & spellings(two.document_number):
        other_kind = bool(one.document_type and two.document_type) and one.document_type != two.document_type
        found[NUMBER_OF_OTHER_KIND if other_kind else NUMBER] = True
    return ordered(code for code, holds in found.items() if holds)


def ordered(codes: Any) -> tuple[str, ...]:
    """Codes, the strongest first."""
    return tuple(sorted(set(codes), key=lambda code: -STRENGTH[code]))


def agreement(one: Facts, two: Facts, *, same_house: bool | None = None) -> dict[str, bool | None]:
    """Of each fact whether both say the same; None where one of them says nothing."""
    numbers = spellings(one.document_number), spellings(two.document_number)
    return {
        "document_number": bool(numbers[0] & numbers[1]) if all(numbers) else None,
        "name": _agree(normalise.name, one.name, two.name),
        "birth_date": one.born == two.born if one.born and two.born else None,
        "phone": _agree(normalise.phone, one.phone, two.phone),
        "house": same_house,
    }


def _same(plain: Callable[[str], str], one: str, two: str) -> bool:
    return _agree(plain, one, two) is True


def _agree(plain: Callable[[str], str], one: str, two: str) -> bool | None:
    left, right = plain(one or ""), plain(two or "")
    return left == right if left and right else None
