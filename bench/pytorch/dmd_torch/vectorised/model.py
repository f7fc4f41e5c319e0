"""The network, batch-first: activations are (B, N, d)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import CROSS_PAIRS, MODALITIES, Config
from ..parameters import DmdParameters
from .attention import dropout
from .stack import Member, TransformerStack, group_members


class VectorisedDmd(DmdParameters):
    """`stacked`: transformers of equal lengths run as one; otherwise each runs alone."""

    def __init__(self, config: Config, stacked: bool) -> None:
        super().__init__(config)

        def stacks(members: list[Member], width: int, levels: int) -> nn.ModuleList:
            return nn.ModuleList(
                TransformerStack(
                    group,
                    width,
                    config.heads,
                    levels,
                    relu=config.relu_dropout,
                    res=config.res_dropout,
                    embed=config.embed_dropout,
                )
                for group in group_members(members, stacked)
            )

        def member(name: str, query: str, key: str, attn: str | None = None) -> Member:
            return Member(name, config.steps(query), config.steps(key), config.attn_dropout[attn or key])

        irrelevant = [member(f"self_attentions_c_{m}", m, m) for m in MODALITIES]
        cross = [member(f"trans_{m}_with_{n}", m, n) for m, n in CROSS_PAIRS]
        # Language's rate for all three, as the authors' program has it.
        memory = [member(f"trans_{m}_mem", m, m, "l") for m in MODALITIES]
        self.irrelevant_stacks = stacks(irrelevant, config.width, config.levels)
        self.cross_stacks = stacks(cross, config.width, config.levels)
        self.memory_stacks = stacks(memory, 2 * config.width, config.memory_levels)

    def forward(self, text: Tensor, audio: Tensor, vision: Tensor, training_terms: bool = True) -> dict[str, Tensor]:
        """Inputs (B, T, D). Keys as the fixtures' forward.*; s, c, origin, recon and s_r are (B, N, d).

        Without `training_terms` only what the eight logits depend on is computed.
        """
        out: dict[str, Tensor] = {}
        inputs = {"l": dropout(text, self.config.text_dropout, self.training), "v": vision, "a": audio}
        for m in MODALITIES:
            out[f"origin_{m}"] = self._project(m, inputs[m])
            out[f"s_{m}"] = F.linear(out[f"origin_{m}"], self.part(f"encoder_s_{m}").weight[:, :, 0])
        self._encode_irrelevant(out)
        for m in MODALITIES:
            if training_terms:
                self._regress(m, out)
            self._irrelevant_head(m, out)
        fused = self._fuse_irrelevant(out)
        self._exclusive_heads(out)
        gates = [torch.sigmoid(self.part(f"weight_{m}")(out[f"last_h_{m}"])) for m in MODALITIES]
        joint = torch.cat([*gates, torch.sigmoid(self.weight_c(fused))], dim=1)
        out["output_logit"] = self.out_layer(joint + self._bottleneck("proj1", "proj2", joint))
        return out

    def _drop(self, x: Tensor) -> Tensor:
        return dropout(x, self.config.output_dropout, self.training)

    def _bottleneck(self, down: str, up: str, x: Tensor) -> Tensor:
        return self.part(up)(self._drop(F.relu(self.part(down)(x))))

    def _project(self, m: str, x: Tensor) -> Tensor:
        if x.size(2) == self.config.width:
            return x
        return self.part(f"proj_{m}")(x.transpose(1, 2)).transpose(1, 2).contiguous()

    def _encode_irrelevant(self, out: dict[str, Tensor]) -> None:
        """The encoder that the modalities share, once over all their time steps."""
        joined = torch.cat([out[f"origin_{m}"] for m in MODALITIES], dim=1)
        parts = F.linear(joined, self.encoder_c.weight[:, :, 0]).split([self.config.steps(m) for m in MODALITIES], 1)
        out.update(zip((f"c_{m}" for m in MODALITIES), parts))

    def _regress(self, m: str, out: dict[str, Tensor]) -> None:
        joined = torch.cat([out[f"s_{m}"], out[f"c_{m}"]], dim=2)
        out[f"recon_{m}"] = F.linear(joined, self.part(f"decoder_{m}").weight[:, :, 0])
        out[f"s_{m}_r"] = F.linear(out[f"recon_{m}"], self.part(f"encoder_s_{m}").weight[:, :, 0])
        channels_first = out[f"c_{m}"].transpose(1, 2).flatten(1)
        out[f"c_{m}_sim"] = self.part(f"align_c_{m}")(channels_first)

    def _irrelevant_head(self, m: str, out: dict[str, Tensor]) -> None:
        h = out[f"c_{m}"].flatten(1)
        hidden = F.relu(self.part(f"proj1_{m}_low")(h))
        out[f"repr_{m}_homo"] = hidden
        out[f"logits_{m}_homo"] = self.part(f"out_layer_{m}_low")(h + self.part(f"proj2_{m}_low")(self._drop(hidden)))

    def _run(self, stacks: nn.ModuleList, x: dict[str, Tensor], other: dict[str, Tensor] | None = None) -> dict:
        """Each stack over its members' inputs, which `x` and `other` hold by transformer name; (B, N, d) each."""
        results = {}
        for stack in stacks:
            query = torch.stack([x[name] for name in stack.names])
            key = None if other is None else torch.stack([other[name] for name in stack.names])
            results.update(zip(stack.names, stack(query, key).unbind(0)))
        return results

    def _fuse_irrelevant(self, out: dict[str, Tensor]) -> Tensor:
        after = self._run(self.irrelevant_stacks, {f"self_attentions_c_{m}": out[f"c_{m}"] for m in MODALITIES})
        fused = torch.cat([after[f"self_attentions_c_{m}"][:, -1] for m in MODALITIES], dim=1)
        out["logits_c"] = self.out_layer_c(fused + self._bottleneck("proj1_c", "proj2_c", fused))
        return fused

    def _exclusive_heads(self, out: dict[str, Tensor]) -> None:
        asked = self._run(
            self.cross_stacks,
            {f"trans_{m}_with_{n}": out[f"s_{m}"] for m, n in CROSS_PAIRS},
            {f"trans_{m}_with_{n}": out[f"s_{n}"] for m, n in CROSS_PAIRS},
        )
        joined = {
            f"trans_{m}_mem": torch.cat([asked[f"trans_{q}_with_{n}"] for q, n in CROSS_PAIRS if q == m], dim=2)
            for m in MODALITIES
        }
        memory = self._run(self.memory_stacks, joined)
        for m in MODALITIES:
            last = memory[f"trans_{m}_mem"][:, -1]
            hidden = last + self._bottleneck(f"proj1_{m}_high", f"proj2_{m}_high", last)
            out[f"last_h_{m}"], out[f"repr_{m}_hetero"] = last, hidden
            out[f"logits_{m}_hetero"] = self.part(f"out_layer_{m}_high")(hidden)
