"""The loss terms as loops over modalities, edges and anchors. Keys are those of the fixtures' loss.* tensors."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..config import MODALITIES
from ..cosine import clamped_cosine
from ..parameters import EDGES, GraphUnitParameters, edge_prior


class AuthorsGraphUnit(GraphUnitParameters):
    def __init__(self, repr_width: int, width: int, prior: tuple[float, ...], cosine: bool) -> None:
        super().__init__(repr_width, width)
        self.cosine = cosine
        self.register_buffer("prior", edge_prior(prior), persistent=False)

    def forward(self, logits: list[Tensor], reprs: list[Tensor]) -> dict[str, Tensor]:
        """logits: three of (B, 1), reprs: three of (B, R); gives reg, logit, repr and the edges (6, B)."""
        nodes = [torch.cat([self.W_logit(x), self.W_repr(y)], dim=1) for x, y in zip(logits, reprs)]
        scores = [self.W_edge(torch.cat([nodes[j], nodes[i]], dim=1)) for j, i in EDGES]
        edges = torch.softmax(torch.cat(scores, dim=1).transpose(0, 1) / 8.0, dim=0)
        reg = 10.0 * torch.sum((edges.mean(dim=1) - self.prior) ** 2)
        logit = repr_ = 0.0
        for x, (j, i) in enumerate(EDGES):
            weight = edges[x] + self.prior[x]
            logit = logit + torch.mean(weight * torch.abs(logits[j] - logits[i].detach()).squeeze(1))
            repr_ = repr_ + 10.0 * self._repr_distance(reprs[j], reprs[i].detach(), weight)
        return {"reg": reg, "logit": logit, "repr": repr_, "edges": edges}

    def _repr_distance(self, student: Tensor, teacher: Tensor, weight: Tensor) -> Tensor:
        if self.cosine:
            return clamped_cosine(student, teacher, dim=1).mean() * weight.mean()
        return torch.mean(weight * torch.abs(student - teacher).sum(dim=1))


def margin_loss(labels: Tensor, features: dict[str, Tensor]) -> Tensor:
    """labels (B,), features (B, d) of each modality; anchor after anchor."""
    rows = torch.stack([features[m] for m in MODALITIES], dim=1).view(3 * labels.size(0), -1)
    ids = labels.repeat_interleave(3)
    norm = torch.sqrt((rows**2).sum(dim=1) + 1e-8).clamp(min=1e-8)
    cosine = rows @ rows.t() / (norm.unsqueeze(1) * norm.unsqueeze(0))
    terms = []
    for i in range(ids.size(0)):
        equal = ids == ids[i]
        others = ~equal
        equal[i] = False
        if not equal.any() or not others.any():
            continue
        positive, negative = cosine[i][equal], cosine[i][others]
        margin = 0.15 * torch.abs(ids[i] - ids[others])
        terms.append(F.relu(margin - positive.unsqueeze(1) + negative).mean())
    return torch.stack(terms).mean() if terms else cosine.new_zeros(())


def dmd_losses(
    out: dict[str, Tensor], labels: Tensor, homo: AuthorsGraphUnit, hetero: AuthorsGraphUnit
) -> dict[str, Tensor]:
    """labels: (B, 1)."""
    heads = [out["output_logit"], out["logits_c"]]
    heads += [out[f"logits_{m}_{space}"] for space in ("homo", "hetero") for m in MODALITIES]
    losses = {
        "task": sum(F.l1_loss(head, labels) for head in heads),
        "recon": sum(F.mse_loss(out[f"recon_{m}"], out[f"origin_{m}"]) for m in MODALITIES),
        "s_sr": sum(F.mse_loss(out[f"s_{m}_r"], out[f"s_{m}"].permute(1, 2, 0)) for m in MODALITIES),
        "ort": sum(clamped_cosine(out[f"s_{m}"], out[f"c_{m}"], dim=1).mean() for m in MODALITIES),
        "sim": margin_loss(labels.squeeze(1), {m: out[f"c_{m}_sim"] for m in MODALITIES}),
    }
    for space, unit in (("homo", homo), ("hetero", hetero)):
        terms = unit([out[f"logits_{m}_{space}"] for m in MODALITIES], [out[f"repr_{m}_{space}"] for m in MODALITIES])
        losses |= {f"{space}_{name}": term for name, term in terms.items()}
    losses["total"] = (
        losses["task"]
        + 0.05 * (losses["homo_logit"] + losses["homo_reg"])
        + 0.05 * (losses["hetero_logit"] + losses["hetero_repr"] + losses["hetero_reg"])
        + 0.1 * (losses["s_sr"] + losses["recon"] + 0.1 * (losses["sim"] + losses["ort"]))
    )
    return losses
