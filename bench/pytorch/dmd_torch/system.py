"""The model with its two graph distillation units, in one of the forms."""

from __future__ import annotations

from torch import Tensor, nn

from .authors import losses as authors_losses
from .authors.model import AuthorsDmd
from .config import Config
from .parameters import HETERO_PRIOR, HOMO_PRIOR
from .vectorised import losses as vectorised_losses
from .vectorised.model import VectorisedDmd

# authors: as the authors' program does it. vectorised: batch-first with fused attention and dense losses.
# stacked: the same, with transformers of equal lengths run as one.
FORMS = ("authors", "vectorised", "stacked")


class DmdSystem(nn.Module):
    """`forward` gives every loss term of a batch, `logits` the predictions of every head."""

    def __init__(self, config: Config, form: str) -> None:
        super().__init__()
        if form not in FORMS:
            raise ValueError(f"no form {form}: there are {', '.join(FORMS)}")
        self.config, self.form = config, form
        unit = authors_losses.AuthorsGraphUnit if form == "authors" else vectorised_losses.VectorisedGraphUnit
        self.model = AuthorsDmd(config) if form == "authors" else VectorisedDmd(config, stacked=form == "stacked")
        self.homo = unit(config.width, config.homo_width, HOMO_PRIOR, cosine=False)
        self.hetero = unit(2 * config.width, config.hetero_width, HETERO_PRIOR, cosine=True)

    def losses(self, outputs: dict[str, Tensor], labels: Tensor) -> dict[str, Tensor]:
        dmd_losses = authors_losses.dmd_losses if self.form == "authors" else vectorised_losses.dmd_losses
        return dmd_losses(outputs, labels, self.homo, self.hetero)

    def forward(self, text: Tensor, audio: Tensor, vision: Tensor, labels: Tensor) -> dict[str, Tensor]:
        return self.losses(self.model(text, audio, vision), labels)

    def logits(self, text: Tensor, audio: Tensor, vision: Tensor) -> dict[str, Tensor]:
        """Each head's (B, 1) under its name in the fixtures, the model's output as output_logit."""
        terms = () if self.form == "authors" else (False,)
        outputs = self.model(text, audio, vision, *terms)
        return {name: value for name, value in outputs.items() if "logit" in name}
