"""The Merkle tree of RFC 9162, section 2.1, with SM3: a log that only grows, proved by one hash.

>>> EMPTY == sm3.digest(b"")
True
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from guomi import sm3

EMPTY = sm3.digest(b"")
LEVELS = 10
CHUNK = 1 << LEVELS  # leaves whose common root is kept


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry; 0x00 in front keeps leaves and nodes apart."""
    return sm3.digest(b"\x00" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sm3.digest(b"\x01" + left + right)


@dataclass(slots=True)
class Growing:
    """The right edge of a tree: all that is needed to append to it. `peaks` are roots of full subtrees, largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> bytes | None:
        """Add a leaf hash; the root of the chunk it completes, or None."""
        size, node, level, chunk = self.size, leaf, 0, None
        while size & 1:
            node = node_hash(self.peaks.pop(), node)
            size >>= 1
            level += 1
            if level == LEVELS:
                chunk = node
        self.peaks.append(node)
        self.size += 1
        return chunk

    def root(self) -> bytes:
        """The tree's hash."""
        if not self.peaks:
            return EMPTY
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = node_hash(peak, node)
        return node


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of a list of leaf hashes."""
    tree = Growing()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def split(size: int) -> int:
    """The largest power of two below size."""
    return 1 << (size - 1).bit_length() - 1


Root = Callable[[int, int], bytes]  # the hash of leaves [first, end)


def of(leaves: Sequence[bytes]) -> Root:
    """The hashes of runs of these leaves."""
    return lambda first, end: root(leaves[first:end])


def inclusion_path(index: int, size: int, hash_of: Root) -> list[bytes]:
    """The proof that leaf `index` is in the tree of the first `size` leaves (RFC 9162, 2.1.3.1), nearest step first."""
    if not 0 <= index < size:
        raise IndexError(index)
    steps, first, end = [], 0, size
    while end - first > 1:
        middle = first + split(end - first)
        if index < middle:
            steps.append(hash_of(middle, end))
            end = middle
        else:
            steps.append(hash_of(first, middle))
            first = middle
    return steps[::-1]


def consistency_path(old: int, size: int, hash_of: Root) -> list[bytes]:
    """The proof that the tree of `size` leaves begins with the one of `old` leaves (RFC 9162, 2.1.4.1)."""
    if not 0 < old <= size:
        raise IndexError(old)
    steps, first, end, whole = [], 0, size, True
    while old != end:  # until what is left is exactly the rest of the old tree
        middle = first + split(end - first)
        if old <= middle:
            steps.append(hash_of(middle, end))
            end = middle
        else:
            steps.append(hash_of(first, middle))
            first, whole = middle, False
    if not whole:
        steps.append(hash_of(first, end))
    return steps[::-1]


def extends(old: int, old_head: bytes, size: int, head: bytes, path: Sequence[bytes]) -> bool:
    """Check a consistency proof (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_head == head
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_head)
    if not steps:
        return False
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node_hash(after, step)
        first, last = first >> 1, last >> 1
    return last == 0 and before == old_head and after == head


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], head: bytes) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, node = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            node = node_hash(step, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = node_hash(node, step)
        first, last = first >> 1, last >> 1
    return last == 0 and node == head
