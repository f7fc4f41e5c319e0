"""The network, one modality and one transformer after another."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..config import CROSS_PAIRS, MODALITIES, Config
from ..parameters import DmdParameters
from .transformer import Transformer


class AuthorsDmd(DmdParameters):
    def __init__(self, config: Config) -> None:
        super().__init__(config)
        max_steps = max(config.steps(m) for m in MODALITIES)

        def transformer(width: int, levels: int, key_modality: str) -> Transformer:
            return Transformer(
                width,
                config.heads,
                levels,
                max_steps,
                attn=config.attn_dropout[key_modality],
                relu=config.relu_dropout,
                res=config.res_dropout,
                embed=config.embed_dropout,
            )

        for m in MODALITIES:
            self.add_module(f"self_attentions_c_{m}", transformer(config.width, config.levels, m))
            # Language's rate for all three, as the authors' program has it.
            self.add_module(f"trans_{m}_mem", transformer(2 * config.width, config.memory_levels, "l"))
        for m, n in CROSS_PAIRS:
            self.add_module(f"trans_{m}_with_{n}", transformer(config.width, config.levels, n))

    def forward(self, text: Tensor, audio: Tensor, vision: Tensor) -> dict[str, Tensor]:
        """Inputs (B, T, D). The result's keys and shapes are those of the fixtures' forward.* tensors."""
        out: dict[str, Tensor] = {}
        text = F.dropout(text, self.config.text_dropout, self.training)
        for m, x in (("l", text), ("v", vision), ("a", audio)):
            self._decouple(m, x.transpose(1, 2), out)
        for m in MODALITIES:
            self._irrelevant_head(m, out)
        fused = self._fuse_irrelevant(out)
        for m in MODALITIES:
            self._exclusive_head(m, out)
        gates = [torch.sigmoid(self.part(f"weight_{m}")(out[f"last_h_{m}"])) for m in MODALITIES]
        joint = torch.cat([*gates, torch.sigmoid(self.weight_c(fused))], dim=1)
        out["output_logit"] = self.out_layer(joint + self._bottleneck("proj1", "proj2", joint))
        return out

    def _bottleneck(self, down: str, up: str, x: Tensor) -> Tensor:
        hidden = F.relu(self.part(down)(x))
        return self.part(up)(F.dropout(hidden, self.config.output_dropout, self.training))

    def _decouple(self, m: str, x: Tensor, out: dict[str, Tensor]) -> None:
        """x: (B, D, T). Projection, the exclusive and the irrelevant part, and the way back."""
        encoder, decoder = self.part(f"encoder_s_{m}"), self.part(f"decoder_{m}")
        origin = x if x.size(1) == self.config.width else self.part(f"proj_{m}")(x)
        exclusive, irrelevant = encoder(origin), self.encoder_c(origin)
        recon = decoder(torch.cat([exclusive, irrelevant], dim=1))
        out[f"origin_{m}"], out[f"recon_{m}"], out[f"s_{m}_r"] = origin, recon, encoder(recon)
        out[f"c_{m}_sim"] = self.part(f"align_c_{m}")(irrelevant.contiguous().view(x.size(0), -1))
        out[f"s_{m}"], out[f"c_{m}"] = exclusive.permute(2, 0, 1), irrelevant.permute(2, 0, 1)
        out[f"proj_s_{m}"] = self.part(f"proj_cosine_{m}")(_flat(out[f"s_{m}"]))

    def _irrelevant_head(self, m: str, out: dict[str, Tensor]) -> None:
        h = _flat(out[f"c_{m}"])
        hidden = F.relu(self.part(f"proj1_{m}_low")(h))
        residual = self.part(f"proj2_{m}_low")(F.dropout(hidden, self.config.output_dropout, self.training))
        out[f"repr_{m}_homo"] = hidden
        out[f"logits_{m}_homo"] = self.part(f"out_layer_{m}_low")(h + residual)

    def _fuse_irrelevant(self, out: dict[str, Tensor]) -> Tensor:
        fused = torch.cat([self.part(f"self_attentions_c_{m}")(out[f"c_{m}"])[-1] for m in MODALITIES], dim=1)
        out["logits_c"] = self.out_layer_c(fused + self._bottleneck("proj1_c", "proj2_c", fused))
        return fused

    def _exclusive_head(self, m: str, out: dict[str, Tensor]) -> None:
        asked = [
            self.part(f"trans_{m}_with_{n}")(out[f"s_{m}"], out[f"s_{n}"]) for query, n in CROSS_PAIRS if query == m
        ]
        last = self.part(f"trans_{m}_mem")(torch.cat(asked, dim=2))[-1]
        hidden = last + self._bottleneck(f"proj1_{m}_high", f"proj2_{m}_high", last)
        out[f"last_h_{m}"], out[f"repr_{m}_hetero"] = last, hidden
        out[f"logits_{m}_hetero"] = self.part(f"out_layer_{m}_high")(hidden)


def _flat(x: Tensor) -> Tensor:
    """(N, B, d) -> (B, N * d)"""
    return x.transpose(0, 1).contiguous().view(x.size(1), -1)
