"""The loss terms, dense. Keys are those of the fixtures' loss.* tensors (without homo_repr, which no loss uses)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..config import MODALITIES
from ..cosine import clamped_cosine
from ..parameters import EDGES, GraphUnitParameters, edge_prior


class VectorisedGraphUnit(GraphUnitParameters):
    def __init__(self, repr_width: int, width: int, prior: tuple[float, ...], cosine: bool) -> None:
        super().__init__(repr_width, width)
        self.cosine = cosine
        student, teacher = zip(*EDGES)
        self.register_buffer("prior", edge_prior(prior), persistent=False)
        self.register_buffer("student", torch.tensor(student), persistent=False)
        self.register_buffer("teacher", torch.tensor(teacher), persistent=False)

    def forward(self, logits: Tensor, reprs: Tensor) -> dict[str, Tensor]:
        """logits (3, B, 1), reprs (3, B, R); the edges are (6, B)."""
        nodes = torch.cat([self.W_logit(logits), self.W_repr(reprs)], dim=2)
        scores = self.W_edge(torch.cat([nodes[self.student], nodes[self.teacher]], dim=2)).squeeze(2)
        edges = torch.softmax(scores / 8.0, dim=0)
        weight = edges + self.prior.unsqueeze(1)
        gap = (logits[self.student] - logits.detach()[self.teacher]).abs().squeeze(2)
        terms = {
            "reg": 10.0 * (edges.mean(dim=1) - self.prior).square().sum(),
            "logit": (weight * gap).mean(dim=1).sum(),
            "edges": edges,
        }
        if self.cosine:
            cosine = clamped_cosine(reprs[self.student], reprs.detach()[self.teacher], dim=2)
            terms["repr"] = 10.0 * (cosine.mean(dim=1) * weight.mean(dim=1)).sum()
        return terms


def margin_loss(labels: Tensor, features: Tensor) -> Tensor:
    """labels (B,), features (B, 3, d): one (3B, 3B, 3B) reduction over anchors i, positives p and negatives q."""
    rows = features.flatten(0, 1)
    ids = labels.repeat_interleave(3)
    norm = torch.sqrt(rows.square().sum(dim=1) + 1e-8).clamp(min=1e-8)
    cosine = rows @ rows.t() / (norm.unsqueeze(1) * norm.unsqueeze(0))
    equal = ids.unsqueeze(1) == ids.unsqueeze(0)
    itself = torch.eye(ids.size(0), dtype=torch.bool, device=ids.device)
    positive, negative = (equal & ~itself).to(cosine.dtype), (~equal).to(cosine.dtype)
    margin = 0.15 * (ids.unsqueeze(1) - ids.unsqueeze(0)).abs()
    hinge = F.relu((margin + cosine).unsqueeze(1) - cosine.unsqueeze(2))  # (i, p, q)
    over_negatives = torch.bmm(hinge, negative.unsqueeze(2)).squeeze(2)
    pairs = positive.sum(dim=1) * negative.sum(dim=1)
    anchors = (over_negatives * positive).sum(dim=1) / pairs.clamp(min=1.0)
    return anchors.sum() / (pairs > 0).sum().clamp(min=1)


def dmd_losses(
    out: dict[str, Tensor], labels: Tensor, homo: VectorisedGraphUnit, hetero: VectorisedGraphUnit
) -> dict[str, Tensor]:
    """labels: (B, 1)."""

    def stacked(pattern: str, dim: int = 0) -> Tensor:
        return torch.stack([out[pattern.format(m)] for m in MODALITIES], dim)

    heads = {space: stacked(f"logits_{{}}_{space}") for space in ("homo", "hetero")}
    every_head = torch.cat([heads["homo"], heads["hetero"], torch.stack([out["logits_c"], out["output_logit"]])])
    losses = {
        "task": every_head.size(0) * (every_head - labels).abs().mean(),
        "recon": sum(F.mse_loss(out[f"recon_{m}"], out[f"origin_{m}"]) for m in MODALITIES),
        "s_sr": sum(F.mse_loss(out[f"s_{m}_r"], out[f"s_{m}"]) for m in MODALITIES),
        "ort": sum(clamped_cosine(out[f"s_{m}"], out[f"c_{m}"], dim=0).mean() for m in MODALITIES),
        "sim": margin_loss(labels.squeeze(1), stacked("c_{}_sim", dim=1)),
    }
    for space, unit in (("homo", homo), ("hetero", hetero)):
        terms = unit(heads[space], stacked(f"repr_{{}}_{space}"))
        losses.update({f"{space}_{name}": term for name, term in terms.items()})
    losses["total"] = (
        losses["task"]
        + 0.05 * (losses["homo_logit"] + losses["homo_reg"])
        + 0.05 * (losses["hetero_logit"] + losses["hetero_repr"] + losses["hetero_reg"])
        + 0.1 * (losses["s_sr"] + losses["recon"] + 0.1 * (losses["sim"] + losses["ort"]))
    )
    return losses
