"""The cosine that the orthogonality loss and the hetero unit share."""

from __future__ import annotations

import torch
from torch import Tensor


def clamped_cosine(a: Tensor, b: Tensor, dim: int) -> Tensor:
    """max(0, cos) over `dim`; the epsilon stands inside each sum of squares."""
    dot = (a * b).sum(dim)
    squares = ((a * a).sum(dim) + 1e-12) * ((b * b).sum(dim) + 1e-12)
    return torch.relu(dot / torch.sqrt(squares))
