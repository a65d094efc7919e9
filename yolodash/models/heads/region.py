"""The [region] layer of v2 and YOLO9000: one grid, five anchors, classes by softmax or down a tree."""

from __future__ import annotations

from itertools import chain, pairwise

import torch
from torch import Tensor

from yolodash.models.heads.grid import anchor_sizes, cell_corners
from yolodash.structures import ClassTree, Head


def decode(raw: Tensor, head: Head) -> Tensor:
    """b_xy = (σ(t_xy) + c_xy)·stride; b_wh = anchor·exp(t_wh); objectness by the logistic; classes by
    a softmax, a logistic each, or down the tree.

    Args:
        raw: ``(B, A, h, w, 5 + C)``.
        head: stride, anchors in network pixels, ``softmax`` and ``tree``.

    Returns:
        the same shape: cx, cy, w, h in network pixels, objectness, class probabilities. With a tree at most one class
        a box is above 0: see ``one_class``.

    Source: Redmon and Farhadi, 2017.
    """
    centre = (raw[..., 0:2].sigmoid() + cell_corners(raw.shape[2], raw.shape[3], raw)) * head.stride
    size = anchor_sizes(head, raw) * raw[..., 2:4].exp()
    return torch.cat([centre, size, raw[..., 4:5].sigmoid(), class_probabilities(raw[..., 5:], head)], dim=-1)


def class_probabilities(raw: Tensor, head: Head) -> Tensor:
    """``(…, C)`` class numbers → probabilities, by the head's rule."""
    if head.tree is not None:
        return one_class(tree_product(tree_softmax(raw, head.tree), head.tree), head.tree.threshold)
    return raw.softmax(dim=-1) if head.softmax else raw.sigmoid()


def tree_softmax(raw: Tensor, tree: ClassTree) -> Tensor:
    """A softmax within every group of siblings: ``(…, C)`` → each class given its parent.

    All groups at once, since YOLO9000 has 1,846 of them: each number less its group's largest, for the exponential's
    sake, then divided by its group's sum.
    """
    sizes = torch.tensor(tree.group_sizes, device=raw.device)
    group = torch.repeat_interleave(torch.arange(len(sizes), device=raw.device), sizes)  # (C,)
    where = group.expand(raw.shape)
    nothing = torch.zeros_like(raw[..., :1]).expand(*raw.shape[:-1], len(sizes))  # (…, G)
    largest = (nothing - torch.inf).scatter_reduce(-1, where, raw, "amax")
    exponential = (raw - largest[..., group]).exp()
    total = nothing.scatter_add(-1, where, exponential)
    return exponential / total[..., group]


def tree_product(conditional: Tensor, tree: ClassTree) -> Tensor:
    """Multiply down the tree: ``(…, C)`` given the parent → ``(…, C)`` on its own."""
    levels = tree_levels(tree)
    products = [conditional[..., levels[0]]]
    for above, level in pairwise(levels):
        column = {parent: index for index, parent in enumerate(above)}
        parents = [column[tree.parents[child]] for child in level]
        products.append(conditional[..., level] * products[-1][..., parents])
    column = {child: index for index, child in enumerate(chain.from_iterable(levels))}
    return torch.cat(products, dim=-1)[..., [column[child] for child in range(len(column))]]


def tree_levels(tree: ClassTree) -> list[list[int]]:
    """The classes by their depth in the tree, roots first."""
    depth: list[int] = []
    for parent in tree.parents:
        depth.append(0 if parent < 0 else depth[parent] + 1)
    levels: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for index, level in enumerate(depth):
        levels[level].append(index)
    return levels


def one_class(product: Tensor, threshold: float) -> Tensor:
    """Keep the highest-numbered class whose product is above the threshold, so the deepest; the others become 0."""
    above = product > threshold
    number = torch.arange(product.shape[-1], device=product.device)
    highest = (above * number).argmax(dim=-1, keepdim=True)  # (…, 1)
    return torch.where(above & (number == highest), product, torch.zeros_like(product))
