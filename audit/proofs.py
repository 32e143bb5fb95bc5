"""Proofs that an entry is in the log, and that a later log goes on from an earlier one; quick by the kept chunks."""

from audit import merkle
from audit.models import Chunk, Head, Leaf


class Tree:
    """The sealed tree at a head; reads no more leaves than the edges of what is asked."""

    def __init__(self, head: Head) -> None:
        self.size = head.size
        self._chunks = {index: bytes.fromhex(root) for index, root in Chunk.objects.values_list("index", "root")}

    def hash_of(self, first: int, end: int) -> bytes:
        """The hash of the leaves [first, end)."""
        if end - first > merkle.CHUNK:
            middle = first + merkle.split(end - first)
            return merkle.node_hash(self.hash_of(first, middle), self.hash_of(middle, end))
        if end - first == merkle.CHUNK and first % merkle.CHUNK == 0 and first // merkle.CHUNK in self._chunks:
            return self._chunks[first // merkle.CHUNK]
        return merkle.root(self.leaves(first, end))

    def leaves(self, first: int, end: int) -> list[bytes]:
        """The leaf hashes [first, end)."""
        found = Leaf.objects.filter(index__gte=first, index__lt=end).order_by("index").values_list("hash", flat=True)
        return [bytes.fromhex(one) for one in found]

    def inclusion(self, index: int) -> list[bytes]:
        """The proof for one leaf."""
        return merkle.inclusion_path(index, self.size, self.hash_of)

    def consistency(self, old: int) -> list[bytes]:
        """The proof that this tree begins with that of `old` leaves."""
        return merkle.consistency_path(old, self.size, self.hash_of)

    def peaks(self, size: int) -> list[bytes]:
        """The left edge of the first `size` leaves: with it one can go on from there."""
        found, first = [], 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                found.append(self.hash_of(first, first + (1 << level)))
                first += 1 << level
        return found
