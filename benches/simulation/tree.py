"""Trees of descent, and walking them with few genomes in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .draws import Draws
from .mutation import Genome


@dataclass(frozen=True, slots=True)
class Tree:
    """A rooted tree with the leaves 0 to `leaves` - 1; the root is the last node.

    Attributes
    ----------
    leaves
        Number of leaves.
    children
        For every node its two children, or none for a leaf.
    branches
        For every node the length of the branch above it; the way from the root to any leaf has length 1.
    sizes
        For every node the number of leaves under it.
    """

    leaves: int
    children: list[tuple[int, ...]]
    branches: list[float]
    sizes: list[int]

    @property
    def root(self) -> int:
        """The root node."""
        return len(self.children) - 1


def coalescent(leaves: int, private: float, draws: Draws) -> Tree:
    """Make a random tree of a population.

    Pairs of lineages join in random order, at the times expected of Kingman's coalescent: a few old clades with many
    young ones inside.

    Parameters
    ----------
    leaves
        Number of leaves.
    private
        Fraction of the way from root to leaf that each leaf has for itself, on top of its branch in that tree.
    draws
        Random values of the tree.
    """
    if leaves < 1:
        raise ValueError("a tree needs at least one leaf")
    children: list[tuple[int, ...]] = [()] * leaves
    sizes = [1] * leaves
    heights = [0.0] * leaves
    alive = list(range(leaves))
    height = 0.0
    while len(alive) > 1:
        lineages = len(alive)
        height += 2.0 / (lineages * (lineages - 1))
        pair = []
        for _ in range(2):
            number = int(draws.below(len(alive), 1)[0])
            alive[number], alive[-1] = alive[-1], alive[number]
            pair.append(alive.pop())
        alive.append(len(children))
        children.append(tuple(pair))
        sizes.append(sizes[pair[0]] + sizes[pair[1]])
        heights.append(height)
    branches = [0.0 if leaves > 1 else 1.0] * len(children)
    for node in range(leaves, len(children)):
        for child in children[node]:
            own = private if child < leaves else 0.0
            branches[child] = own + (1.0 - private) * (heights[node] - heights[child]) / height
    return Tree(leaves, children, branches, sizes)


def walk(tree: Tree, ancestor: Genome, descend: Callable[[Genome, int], Genome]) -> Iterator[tuple[int, Genome]]:
    """Yield every leaf with its genome.

    The smaller subtree comes first, so that, the ancestor aside, no more than log2(leaves) + 2 genomes
    are alive at a time.

    Parameters
    ----------
    tree
        The tree.
    ancestor
        The genome above the root.
    descend
        Makes the genome of a node from that of its parent.
    """
    waiting = [(tree.root, descend(ancestor, tree.root))]
    del ancestor
    while waiting:
        node, genome = waiting.pop()
        if node < tree.leaves:
            yield node, genome
            continue
        for child in sorted(tree.children[node], key=lambda child: -tree.sizes[child]):
            waiting.append((child, descend(genome, child)))
