"""Several transformers of one shape as one: every weight has a leading member axis M.

Activations are (M, B, N, d). A stack of one member is an ordinary batch-first transformer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..parameters import sinusoid_table
from .attention import attention, dropout


@dataclass(frozen=True)
class Member:
    name: str  # the transformer's name in checkpoints
    query_steps: int
    key_steps: int
    attn_dropout: float


def group_members(members: list[Member], stacked: bool) -> list[list[Member]]:
    """Members of equal lengths together (or each alone); inside a group those of equal dropout adjoin."""
    if not stacked:
        return [[member] for member in members]

    def lengths(member: Member) -> tuple[int, int]:
        return member.query_steps, member.key_steps

    ordered = sorted(members, key=lambda member: (lengths(member), member.attn_dropout))
    return [list(group) for _, group in groupby(ordered, key=lengths)]


class Linear(nn.Module):
    """(M, B, N, inputs) -> (M, B, N, outputs)"""

    def __init__(self, members: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(members, outputs, inputs))
        self.bias = nn.Parameter(torch.empty(members, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return stacked_linear(x, self.weight, self.bias)


def stacked_linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    members, batch, steps, _ = x.shape
    if members == 1:  # one product beats a batch of one
        return F.linear(x, weight[0], bias[0])
    flat = x.reshape(members, batch * steps, -1)
    return torch.baddbmm(bias.unsqueeze(1), flat, weight.transpose(1, 2)).view(members, batch, steps, -1)


class LayerNorm(nn.Module):
    def __init__(self, members: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(members, width))
        self.bias = nn.Parameter(torch.zeros(members, width))

    def forward(self, x: Tensor) -> Tensor:
        if x.size(0) == 1:
            return F.layer_norm(x, x.shape[-1:], self.weight[0], self.bias[0])
        normed = F.layer_norm(x, x.shape[-1:])
        return torch.addcmul(self.bias[:, None, None], normed, self.weight[:, None, None])


class Attention(nn.Module):
    def __init__(self, members: list[Member], width: int, heads: int) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.rates = [(rate, len(list(run))) for rate, run in groupby(m.attn_dropout for m in members)]
        self.in_proj_weight = nn.Parameter(torch.empty(len(members), 3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(len(members), 3 * width))
        self.out_proj = Linear(len(members), width, width)
        rows, columns = members[0].query_steps, members[0].key_steps
        hidden = torch.full((rows, columns), -math.inf).triu(1 + abs(rows - columns))
        self.register_buffer("mask", hidden, persistent=False)

    def _project(self, x: Tensor, first: int, count: int) -> list[Tensor]:
        """`count` of the products q, k, v from the `first` on, each (M, B, H, N, d / H)."""
        rows = slice(first * self.width, (first + count) * self.width)
        flat = stacked_linear(x, self.in_proj_weight[:, rows], self.in_proj_bias[:, rows])
        members, batch, steps, _ = x.shape
        parts = flat.view(members, batch, steps, count, self.heads, self.width // self.heads)
        return list(parts.permute(3, 0, 1, 4, 2, 5).unbind(0))

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, rate: float) -> Tensor:
        members, batch = q.shape[:2]
        mixed = attention(q.flatten(0, 1), k.flatten(0, 1), v.flatten(0, 1), self.mask, rate)
        return mixed.transpose(1, 2).reshape(members, batch, q.size(3), self.width)

    def _mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """One call for each run of members with the same dropout rate: the call takes only one."""
        if not self.training or len(self.rates) == 1:
            return self._attend(q, k, v, self.rates[0][0] if self.training else 0.0)
        mixed, start = [], 0
        for rate, count in self.rates:
            run = slice(start, start + count)
            mixed.append(self._attend(q[run], k[run], v[run], rate))
            start += count
        return torch.cat(mixed)

    def forward(self, query: Tensor, key: Tensor | None, value: Tensor | None) -> Tensor:
        if key is None:
            q, k, v = self._project(query, 0, 3)
        else:
            (q,), (k,), (v,) = (self._project(x, i, 1) for i, x in enumerate((query, key, value)))
        return self.out_proj(self._mix(q, k, v))


class Layer(nn.Module):
    def __init__(self, members: list[Member], width: int, heads: int, relu: float, res: float) -> None:
        super().__init__()
        count = len(members)
        self.self_attn = Attention(members, width, heads)
        self.fc1 = Linear(count, width, 4 * width)
        self.fc2 = Linear(count, 4 * width, width)
        self.layer_norms = nn.ModuleList(LayerNorm(count, width) for _ in range(2))
        self.relu_dropout, self.res_dropout = relu, res

    def forward(self, x: Tensor, key: Tensor | None, value: Tensor | None) -> Tensor:
        norm = self.layer_norms[0]
        if key is not None:
            key = norm(key)
            value = norm(value) if value is not None else key
        x = x + dropout(self.self_attn(norm(x), key, value), self.res_dropout, self.training)
        inner = dropout(F.relu(self.fc1(self.layer_norms[1](x))), self.relu_dropout, self.training)
        return x + dropout(self.fc2(inner), self.res_dropout, self.training)


class TransformerStack(nn.Module):
    def __init__(
        self, members: list[Member], width: int, heads: int, levels: int, *, relu: float, res: float, embed: float
    ) -> None:
        super().__init__()
        self.names = [member.name for member in members]
        self.scale, self.embed_dropout = math.sqrt(width), embed
        self.layers = nn.ModuleList(Layer(members, width, heads, relu, res) for _ in range(levels))
        self.layer_norm = LayerNorm(len(members), width)
        longest = max(members[0].query_steps, members[0].key_steps)
        self.register_buffer("positions", sinusoid_table(longest, width)[1:], persistent=False)

    def _position(self, x: Tensor) -> Tensor:
        """sqrt(d) x plus the sinusoid; a step whose channel 0 is exactly 0 is padding and gets none."""
        return torch.addcmul(self.scale * x, self.positions[: x.size(2)], x[..., :1].ne(0).to(x.dtype))

    def _drop(self, x: Tensor) -> Tensor:
        return dropout(x, self.embed_dropout, self.training)

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        """Self attention over x, or x asking the other modality; keys and values drop out each on their own."""
        x = self._drop(self._position(x))
        key = value = None
        if other is not None:
            other = self._position(other)
            key = self._drop(other)
            if key is not other:
                value = self._drop(other)
        for layer in self.layers:
            x = layer(x, key, value)
        return self.layer_norm(x)
