"""Model and training configuration: the two data sets' presets, and what a fixture folder asks for.

Everything given per modality is a dict with the keys l (language), v (vision) and a (audio).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

MODALITIES = ("l", "v", "a")  # the order wherever modalities are stacked
CROSS_PAIRS = (("l", "a"), ("l", "v"), ("a", "l"), ("a", "v"), ("v", "l"), ("v", "a"))  # (query, key)


def _zero() -> dict[str, float]:
    return dict.fromkeys(MODALITIES, 0.0)


@dataclass(frozen=True)
class Config:
    width: int  # d, the channels of every modality after projection
    heads: int
    lens: dict[str, int]  # time steps of the input
    feature_dims: dict[str, int]  # channels of the input
    kernels: dict[str, int]  # time steps that the projection's convolution spans
    levels: int = 4
    attn_dropout: dict[str, float] = field(default_factory=_zero)  # by the modality of keys and values
    relu_dropout: float = 0.0
    res_dropout: float = 0.0
    embed_dropout: float = 0.0
    text_dropout: float = 0.0
    output_dropout: float = 0.0
    homo_width: int = 64  # G of the graph distillation units
    hetero_width: int = 32
    lr: float = 1e-4
    clip: float = 0.6

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not a multiple of the {self.heads} heads")
        for m in MODALITIES:
            if self.steps(m) < 1:
                raise ValueError(
                    f"modality {m} has {self.lens[m]} time steps, fewer than its kernel spans ({self.kernels[m]})"
                )

    def steps(self, modality: str) -> int:
        """Time steps left after the projection."""
        return self.lens[modality] - self.kernels[modality] + 1

    @property
    def memory_levels(self) -> int:
        """Layers of the trans_*_mem transformers."""
        return max(self.levels, 3)


def per_modality(language, audio, vision) -> dict:
    """From the order that configuration lists use."""
    return {"l": language, "v": vision, "a": audio}


_MOSI = Config(
    width=50,
    heads=10,
    lens=per_modality(50, 50, 50),
    feature_dims=per_modality(300, 5, 20),
    kernels=per_modality(5, 5, 5),
    attn_dropout=per_modality(0.3, 0.2, 0.0),
    embed_dropout=0.2,
    text_dropout=0.5,
    output_dropout=0.5,
)
_MOSEI = Config(
    width=30,
    heads=6,
    lens=per_modality(50, 50, 50),
    feature_dims=per_modality(300, 74, 35),
    kernels=per_modality(5, 1, 3),
    attn_dropout=per_modality(0.4, 0.0, 0.0),
    text_dropout=0.3,
    output_dropout=0.5,
)

PRESETS = {
    "mosi": _MOSI,
    "mosei": _MOSEI,
    "mosi-unaligned": replace(_MOSI, lens=per_modality(50, 375, 500)),
    "mosei-unaligned": replace(_MOSEI, lens=per_modality(50, 500, 500)),
}


def from_fixture(document: dict) -> Config:
    """The configuration of a fixture folder's config.json; dropout is 0 there."""
    model = document["config"]
    width, heads = model["dst_feature_dim_nheads"]
    return Config(
        width=width,
        heads=heads,
        lens=per_modality(*model["lens"]),
        feature_dims=per_modality(*model["feature_dims"]),
        kernels={m: model[f"conv1d_kernel_size_{m}"] for m in MODALITIES},
        levels=model["nlevels"],
        lr=document["lr"],
        clip=document["clip_value"],
    )
