"""The training rule: gradients add up over batches, are clipped after every backward pass, then Adam steps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .system import DmdSystem

Batch = tuple[Tensor, Tensor, Tensor, Tensor]  # text, audio, vision (B, T, D); labels (B, 1)


class Trainer:
    """`accumulation` batches make one optimizer step. `compute` replaces the system's forward, say compiled."""

    def __init__(self, system: DmdSystem, accumulation: int = 1, compute: Callable | None = None) -> None:
        self._compute = system if compute is None else compute
        self._parameters = [p for p in system.parameters() if p.requires_grad]
        self._accumulation, self._clip, self._seen = accumulation, system.config.clip, 0
        self._optimizer = make_adam(self._parameters, system.config.lr, fused=system.form != "authors")

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """One batch; gives its loss terms from before the optimizer step."""
        losses = self._compute(*batch)
        losses["total"].backward()
        nn.utils.clip_grad_value_(self._parameters, self._clip)
        self._seen += 1
        if self._seen % self._accumulation == 0:
            self._optimizer.step()
            self._optimizer.zero_grad(set_to_none=True)
        return losses


def make_adam(parameters: list[nn.Parameter], lr: float, fused: bool) -> torch.optim.Adam:
    """Adam without decay; `fused` is one kernel for all parameters, where this PyTorch has it for their device."""
    if fused:
        try:
            return torch.optim.Adam(parameters, lr=lr, betas=(0.9, 0.999), eps=1e-8, fused=True)
        except RuntimeError:  # older releases fuse on CUDA only
            pass
    return torch.optim.Adam(parameters, lr=lr, betas=(0.9, 0.999), eps=1e-8)
