"""State dicts under the checkpoints' names, whatever a form's own arrangement of its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from .config import Config
from .system import DmdSystem
from .vectorised.stack import TransformerStack

# Buffers that checkpoints carry and no form needs.
_IGNORED_SUFFIXES = (".version", ".embed_positions._float_tensor")


def named_entries(system: DmdSystem) -> Iterator[tuple[str, nn.Parameter, int | None]]:
    """(checkpoint name, parameter, member): a stack's parameter comes once for each of its members."""
    stacked = set()
    for stack in (module for module in system.modules() if isinstance(module, TransformerStack)):
        for name, parameter in stack.named_parameters():
            stacked.add(parameter)
            for member, transformer in enumerate(stack.names):
                yield f"model.{transformer}.{name}", parameter, member
    for name, parameter in system.named_parameters():
        if parameter not in stacked:
            yield name, parameter, None


def state(system: DmdSystem) -> dict[str, Tensor]:
    """Copies of all parameters, prefixed model., homo. and hetero."""
    return {name: _member(p.detach(), member).clone() for name, p, member in named_entries(system)}


def gradients(system: DmdSystem) -> dict[str, Tensor | None]:
    return {name: None if p.grad is None else _member(p.grad, member) for name, p, member in named_entries(system)}


def _member(tensor: Tensor, member: int | None) -> Tensor:
    return tensor if member is None else tensor[member]


@torch.no_grad()
def load(system: DmdSystem, values: dict[str, Tensor], *, model_only: bool = False) -> None:
    """Fills every parameter; `model_only` leaves the units as they are, for prediction. Unknown names are refused."""
    unused = {name for name in values if not name.endswith(_IGNORED_SUFFIXES)}
    for name, parameter, member in named_entries(system):
        if model_only and not name.startswith("model."):
            unused.discard(name)
            continue
        if name not in values:
            raise ValueError(f"the checkpoint has no {name}")
        target = _member(parameter, member)
        if values[name].shape != target.shape:
            raise ValueError(
                f"{name} is {tuple(values[name].shape)} in the checkpoint and {tuple(target.shape)} in the model"
            )
        target.copy_(values[name])
        unused.discard(name)
    if unused:
        raise ValueError(f"the checkpoint holds what the model lacks: {', '.join(sorted(unused)[:5])}")


def read(path: Path) -> dict[str, Tensor]:
    """A .safetensors file, a model's .pth state dict, or a folder with model.pth, homo.pth and hetero.pth."""
    if path.is_dir():
        parts = {part: torch.load(path / f"{part}.pth", weights_only=True) for part in ("model", "homo", "hetero")}
        return {f"{part}.{name}": value for part, values in parts.items() for name, value in values.items()}
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        values = load_file(path)
    else:
        values = torch.load(path, map_location="cpu", weights_only=True)
    prefixed = any(name.startswith("model.") for name in values)
    return values if prefixed else {f"model.{name}": value for name, value in values.items()}


def build(config: Config, form: str, seed: int) -> DmdSystem:
    """A freshly initialised system: for one seed every form starts from the same parameters."""
    torch.manual_seed(seed)
    initial = DmdSystem(config, "authors")
    if form == "authors":
        return initial
    system = DmdSystem(config, form)
    load(system, state(initial))
    return system
