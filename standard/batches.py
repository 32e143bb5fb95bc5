"""Encoded records of B.2.3 and B.5.3 in bodies the upper platform takes: at most 50 records, at most 18 MB (quirk G-33)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from standard import interfaces
from standard.fields import Batch

BATCH_BYTES = 18_000_000


def _shape(clause: str) -> Batch:
    shape = interfaces.get(clause).batch
    if shape is None:
        raise ValueError(f"{clause} takes one record")
    return shape


def batch(clause: str, wire_records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The body that carries these records; ValueError for none or too many."""
    shape = _shape(clause)
    if not 0 < len(wire_records) <= shape.limit:
        raise ValueError(f"{clause} takes 1 to {shape.limit} records")
    return {shape.array_field: list(wire_records)}


def split_batches(clause: str, wire_records: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """The records in their order, in lists within both limits; ValueError for a record too large to travel at all."""
    limit = _shape(clause).limit
    rows: list[Mapping[str, Any]] = []
    size = 0
    for record in wire_records:
        weight = len(json.dumps(record, ensure_ascii=True)) + 2  # never less than what any writer makes of it
        if weight > BATCH_BYTES:
            raise ValueError(f"{clause}: one record is larger than a body may be")
        if rows and (len(rows) == limit or size + weight > BATCH_BYTES):
            yield rows
            rows, size = [], 0
        rows.append(record)
        size += weight
    if rows:
        yield rows
