"""Terms as a tree of characters, in constants of about two bytes a node."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_BITS = 32


class Tree(NamedTuple):
    """Place of the terms of one list in a forest.

    Attributes
    ----------
    first_node : int
        First of the nodes that begin a term; -1 if there is no term.
    first_term : int
        Number of the terms of the lists before.
    order : list of int
        Place in the list of each term of the tree, in the order of the tree. Empty
        terms, which no text holds, are at the end.
    """

    first_node: int
    first_term: int
    order: list[int]


class Forest(NamedTuple):
    """Lists of terms, as trees whose nodes stand level by level.

    The children of a node stand side by side, in the order of their labels. A node at
    which a term ends is the next column, so that no number of a column is stored.

    Attributes
    ----------
    trees : list of Tree
        Tree of each list.
    labels : ndarray of shape (n_nodes,), uint8 or uint16
        Character of each node, as its place in `alphabet` plus 1.
    parents, lasts, ends : ndarray of shape (n_words,), uint32
        Bits of the nodes: whether a node has children, whether it is the last child of
        its parent, and whether a term ends there.
    first_children : ndarray of shape (n_words,), uint16 or uint32
        First child of the first parent among the nodes of a word, or of a later word.
    terms_before : ndarray of shape (n_words,), uint16 or uint32
        Number of the terms that end at nodes of the words before.
    alphabet : list of int
        Code points of all terms, the most frequent first.
    """

    trees: list[Tree]
    labels: NDArray[Any]
    parents: NDArray[np.uint32]
    lasts: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    first_children: NDArray[Any]
    terms_before: NDArray[Any]
    alphabet: list[int]

    @property
    def nbytes(self) -> int:
        """Number of bytes of all constants."""
        labels = (self.ascii_labels, *self.other_labels)
        return sum(array.nbytes for array in (*self.constants.values(), *labels))

    @property
    def constants(self) -> dict[str, NDArray[Any]]:
        """Constants of the nodes by name."""
        return {k: v for k, v in self._asdict().items() if isinstance(v, np.ndarray)}

    @property
    def ascii_labels(self) -> NDArray[Any]:
        """Label of each character of ASCII; 0 if no term holds it."""
        label_of = self._label_of
        return np.array([label_of.get(p, 0) for p in range(128)], self.labels.dtype)

    @property
    def other_labels(self) -> tuple[NDArray[np.uint32], NDArray[Any]]:
        """Code points beyond ASCII in increasing order, and their labels."""
        others = sorted(point for point in self.alphabet if point >= 128)
        label_of = self._label_of
        labels = np.array([label_of[p] for p in others], self.labels.dtype)
        return np.array(others, np.uint32), labels

    @property
    def _label_of(self):
        return {point: i + 1 for i, point in enumerate(self.alphabet)}


def forest_of(lists: Sequence[Sequence[str]]) -> Forest:
    """Return lists of terms as a forest.

    Parameters
    ----------
    lists : sequence of sequence of str
        Terms, all different within a list.

    Returns
    -------
    forest : Forest
    """
    alphabet = _alphabet(lists)
    label_of = {point: i + 1 for i, point in enumerate(alphabet)}
    trees: list[Tree] = []
    nodes: list[_Node] = []
    first_children: list[int] = []
    n_terms = 0
    for terms in lists:
        spelled = sorted(
            ([label_of[ord(c)] for c in term], place)
            for place, term in enumerate(terms)
        )
        found, order = _grown([one for one in spelled if one[0]])
        first_children += _first_children(found, len(nodes))
        trees.append(Tree(len(nodes) if found else -1, n_terms, order))
        order += [place for spelling, place in spelled if not spelling]
        n_terms += sum(node.ends for node in found)
        nodes += found
    nodes = nodes or [_Node(0, False, False, False)]
    ends_before = np.cumsum([0, *(node.ends for node in nodes)])[:-1]
    return Forest(
        trees,
        unsigned([node.label for node in nodes], 8),
        _words([node.is_parent for node in nodes]),
        _words([node.is_last for node in nodes]),
        _words([node.ends for node in nodes]),
        unsigned(first_children[::_BITS] or [0], 16),
        unsigned(ends_before[::_BITS], 16),
        alphabet,
    )


class _Node(NamedTuple):
    label: int
    is_parent: bool
    is_last: bool
    ends: bool


def _grown(spelled):
    """Return the nodes of a tree level by level, and the places of its terms.

    Nodes without a label fill the last word, so that a word holds nodes of one tree.
    """
    nodes, order, depth = [], [], 0
    level = [spelled] if spelled else []
    while level:
        below = []
        for family in level:
            children = _by_label(family, depth)
            for place, (label, members) in enumerate(children):
                # The shortest is sorted first.
                ends = len(members[0][0]) == depth + 1
                if ends:
                    order.append(members[0][1])
                longer = members[ends:]
                if longer:
                    below.append(longer)
                is_last = place == len(children) - 1
                nodes.append(_Node(label, bool(longer), is_last, ends))
        level, depth = below, depth + 1
    nodes += [_Node(0, False, False, False)] * (-len(nodes) % _BITS)
    return nodes, order


def _alphabet(lists):
    """Return the code points of terms, the most frequent first."""
    counts: dict[int, int] = {}
    for terms in lists:
        for term in terms:
            for point in map(ord, term):
                counts[point] = counts.get(point, 0) + 1
    return sorted(counts, key=lambda point: (-counts[point], point))


def _by_label(family, depth):
    """Return label and members of each child of a node."""
    children: dict[int, list] = {}
    for member in family:
        children.setdefault(member[0][depth], []).append(member)
    return sorted(children.items())


def _first_children(nodes, offset):
    """Return for each node the first child of it, or of the next parent."""
    # Families stand in the order of their parents, behind the family without a parent.
    bounds = [i + 1 for i, node in enumerate(nodes) if node.is_last]
    found, family = [], 0
    for node in nodes:
        found.append(offset + bounds[family])
        family += node.is_parent
    return found


def _words(bits):
    """Return bits in words of 32, the first bit the least."""
    padded = np.zeros(-(-len(bits) // _BITS) * _BITS, bool)
    padded[: len(bits)] = bits
    return np.packbits(padded, bitorder="little").view("<u4").astype(np.uint32)


def unsigned(values: Any, least_bits: int) -> NDArray[Any]:
    """Return whole numbers in the fewest bits of 8, 16 and 32.

    Parameters
    ----------
    values : array-like of int
        Numbers, at least one.
    least_bits : {8, 16, 32}

    Returns
    -------
    values : ndarray, uint8, uint16 or uint32
    """
    values = np.asarray(values, np.int64)
    bits = next(
        bits for bits in (8, 16, 32) if bits >= least_bits and values.max() < 2**bits
    )
    return values.astype(f"u{bits // 8}")
