"""The parameters that both forms hold alike, under the names that checkpoints use."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .config import MODALITIES, Config


class DmdParameters(nn.Module):
    """Every layer of DMD except its transformers, which each form keeps in its own way."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        d = config.width

        def conv(inputs: int, kernel: int = 1) -> nn.Conv1d:
            return nn.Conv1d(inputs, d, kernel, bias=False)

        self.encoder_c = conv(d)
        for m in MODALITIES:
            flat = d * config.steps(m)
            self.add_module(f"proj_{m}", conv(config.feature_dims[m], config.kernels[m]))
            self.add_module(f"encoder_s_{m}", conv(d))
            self.add_module(f"decoder_{m}", conv(2 * d))
            self.add_module(f"proj_cosine_{m}", nn.Linear(flat, d))
            self.add_module(f"align_c_{m}", nn.Linear(flat, d))
            self.add_module(f"proj1_{m}_low", nn.Linear(flat, d))
            self.add_module(f"proj2_{m}_low", nn.Linear(d, flat))
            self.add_module(f"out_layer_{m}_low", nn.Linear(flat, 1))
            self.add_module(f"proj1_{m}_high", nn.Linear(2 * d, 2 * d))
            self.add_module(f"proj2_{m}_high", nn.Linear(2 * d, 2 * d))
            self.add_module(f"out_layer_{m}_high", nn.Linear(2 * d, 1))
            self.add_module(f"weight_{m}", nn.Linear(2 * d, 2 * d))
        for suffix, width in (("_c", 3 * d), ("", 9 * d)):
            self.add_module(f"proj1{suffix}", nn.Linear(width, width))
            self.add_module(f"proj2{suffix}", nn.Linear(width, width))
            self.add_module(f"out_layer{suffix}", nn.Linear(width, 1))
        self.weight_c = nn.Linear(3 * d, 3 * d)

    def part(self, name: str) -> nn.Module:
        """The layer of this name, e.g. part(f"decoder_{m}")."""
        return self.get_submodule(name)


class GraphUnitParameters(nn.Module):
    """A graph distillation unit's layers; `width` is G and `repr_width` is R."""

    def __init__(self, repr_width: int, width: int) -> None:
        super().__init__()
        self.W_logit = nn.Linear(1, width)
        self.W_repr = nn.Linear(repr_width, width)
        self.W_edge = nn.Linear(4 * width, 1)


# The edges (student, teacher) in the order in which a unit numbers them; nodes are l, v, a.
EDGES = tuple((j, i) for j in range(3) for i in range(3) if i != j)

# What the mean edges are pulled towards, before the softmax at temperature 0.25.
HOMO_PRIOR = (0.0, 0.0, 1.0, 0.0, 1.0, 0.0)
HETERO_PRIOR = (0.0, 0.0, 1.0, 0.0, 1.0, 1.0)


def edge_prior(scores: tuple[float, ...]) -> Tensor:
    return torch.softmax(torch.tensor(scores, dtype=torch.float32) / 0.25, dim=0)


def sinusoid_table(rows: int, width: int) -> Tensor:
    """(rows + 1, width), float32. Row t holds the sines, then the cosines of time step t - 1; row 0 is padding's: 0."""
    half = width // 2
    frequency = torch.exp(torch.arange(half, dtype=torch.float32) * (-math.log(10000.0) / (half - 1)))
    angle = torch.arange(rows + 1, dtype=torch.float32).unsqueeze(1) * frequency
    table = torch.cat([angle.sin(), angle.cos(), torch.zeros(rows + 1, width % 2)], dim=1)
    table[0] = 0.0
    return table


def initialise_transformer(module: nn.Module) -> None:
    """Xavier-uniform products with zero biases; layer norms keep PyTorch's 1 and 0."""
    for name, parameter in module.named_parameters():
        if "norm" in name:
            continue
        if parameter.dim() == 2:
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
