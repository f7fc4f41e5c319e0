"""Cross-modal transformer, time-major (N, B, d)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..parameters import initialise_transformer, sinusoid_table


class Attention(nn.Module):
    """Multi-head attention whose three input products are slices of one weight."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.width, self.heads, self.dropout = width, heads, dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def _project(self, x: Tensor, first: int) -> Tensor:
        rows = slice(first * self.width, (first + 1) * self.width)
        return F.linear(x, self.in_proj_weight[rows], self.in_proj_bias[rows])

    def _split_heads(self, x: Tensor) -> Tensor:
        """(N, B, d) -> (B * H, N, d / H)"""
        steps, batch, width = x.shape
        return x.contiguous().view(steps, batch * self.heads, width // self.heads).transpose(0, 1)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        steps, batch, width = query.shape
        if query is key and key is value:
            q, k, v = F.linear(query, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        else:
            q, k, v = (self._project(x, i) for i, x in enumerate((query, key, value)))
        q = q * (width // self.heads) ** -0.5
        q, k, v = (self._split_heads(x) for x in (q, k, v))
        weights = torch.softmax(torch.baddbmm(mask, q, k.transpose(1, 2)), dim=-1)
        weights = F.dropout(weights, self.dropout, self.training)
        mixed = torch.bmm(weights, v).transpose(0, 1).contiguous().view(steps, batch, width)
        return self.out_proj(mixed)


class Layer(nn.Module):
    """Pre-norm attention, then a two-layer network of four times the width."""

    def __init__(self, width: int, heads: int, attn: float, relu: float, res: float) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads, attn)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.layer_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.relu_dropout, self.res_dropout = relu, res

    def forward(self, x: Tensor, key: Tensor | None, value: Tensor | None) -> Tensor:
        query = self.layer_norms[0](x)
        if key is None:
            key = value = query
        else:
            key, value = self.layer_norms[0](key), self.layer_norms[0](value)
        mixed = self.self_attn(query, key, value, future_mask(query, key))
        x = x + F.dropout(mixed, self.res_dropout, self.training)
        inner = F.dropout(F.relu(self.fc1(self.layer_norms[1](x))), self.relu_dropout, self.training)
        return x + F.dropout(self.fc2(inner), self.res_dropout, self.training)


def future_mask(query: Tensor, key: Tensor) -> Tensor:
    """-inf where column j >= i + 1 + |N_q - N_k|, else 0."""
    rows, columns = query.size(0), key.size(0)
    hidden = torch.full((rows, columns), -math.inf, dtype=query.dtype, device=query.device)
    return torch.triu(hidden, 1 + abs(rows - columns))


class Transformer(nn.Module):
    def __init__(
        self, width: int, heads: int, levels: int, max_steps: int, *, attn: float, relu: float, res: float, embed: float
    ) -> None:
        super().__init__()
        self.scale, self.embed_dropout = math.sqrt(width), embed
        self.layers = nn.ModuleList(Layer(width, heads, attn, relu, res) for _ in range(levels))
        self.layer_norm = nn.LayerNorm(width)
        self.register_buffer("positions", sinusoid_table(max_steps, width), persistent=False)
        initialise_transformer(self)

    def _embed(self, x: Tensor) -> Tensor:
        """sqrt(d) x plus the sinusoid of each time step; a step whose channel 0 is exactly 0 is padding: none."""
        steps, batch, _ = x.shape
        index = torch.arange(1, steps + 1, device=x.device).unsqueeze(1) * x[:, :, 0].ne(0)
        sinusoid = self.positions.index_select(0, index.flatten()).view(steps, batch, -1)
        return F.dropout(self.scale * x + sinusoid, self.embed_dropout, self.training)

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        """Self attention over x, or x asking the other modality."""
        x = self._embed(x)
        key = value = None
        if other is not None:
            key, value = self._embed(other), self._embed(other)
        for layer in self.layers:
            x = layer(x, key, value)
        return self.layer_norm(x)
