#!/usr/bin/env python3
"""Proves each form against a fixture folder (see the fixtures' README): forward, losses, edges, gradients, training.

Everything runs in float64 with dropout 0. Prints the largest relative error of each group; exit code 1 if one is
over its bound.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from dmd_torch import checkpoint
from dmd_torch.config import MODALITIES, Config, from_fixture
from dmd_torch.system import FORMS, DmdSystem
from dmd_torch.training import Batch, Trainer

# Gradients and some activations are stored in float32; 25 steps carry that rounding on.
BOUNDS = {"forward": 1e-6, "loss": 1e-6, "edges": 1e-6, "grad": 1e-6, "train": 1e-5}
FLOOR = 1e-9  # some expected tensors are zero but for noise below 1e-17
LOSS_COLUMNS = "total task recon s_sr ort sim homo_logit homo_reg hetero_logit hetero_repr hetero_reg".split()


def relative_error(got: Tensor, expected: Tensor) -> float:
    got, expected = got.detach().double(), expected.double()
    if got.shape != expected.shape:
        raise ValueError(f"shape {tuple(got.shape)}, expected {tuple(expected.shape)}")
    if not torch.isfinite(got).all():
        return float("inf")
    return float((got - expected).abs().max() / expected.abs().max().clamp(min=FLOOR))


def read_batches(folder: Path, count: int) -> list[Batch]:
    stored = load_file(folder / "inputs.safetensors")
    return [
        tuple(stored[f"batch{b}.{name}"].double() for name in ("text", "audio", "vision", "labels"))
        for b in range(count)
    ]


def in_reference_layout(form: str, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """The batch-first (B, N, d) activations as the reference stores them: s, c (N, B, d), the others (B, d, N)."""
    if form == "authors":
        return outputs
    moved = dict(outputs)
    for m in MODALITIES:
        moved |= {name: outputs[name].transpose(0, 1) for name in (f"s_{m}", f"c_{m}")}
        moved |= {name: outputs[name].transpose(1, 2) for name in (f"origin_{m}", f"recon_{m}", f"s_{m}_r")}
    return moved


def check_first_batch(system: DmdSystem, batch: Batch, expected: dict[str, Tensor], unused: list[str]) -> dict:
    """Forward, losses, edges and gradients: the largest error of each group."""
    outputs = system.model(*batch[:3])
    losses = system.losses(outputs, batch[3])
    losses["total"].backward()
    got = {f"forward.{name}": value for name, value in in_reference_layout(system.form, outputs).items()}
    got |= {f"loss.{name}": value.reshape(1) for name, value in losses.items() if not name.endswith("edges")}
    got |= {f"edges.{space}": losses[f"{space}_edges"] for space in ("homo", "hetero")}
    gradients = checkpoint.gradients(system)
    missing = {name for name, gradient in gradients.items() if gradient is None}
    if missing != set(unused):
        raise ValueError(f"without a gradient: {sorted(missing)}, expected {sorted(unused)}")
    got |= {f"grad.{name}": value for name, value in gradients.items() if value is not None}

    skipped = not_computed(system.form)
    errors: dict[str, float] = {}
    for name, value in expected.items():
        group = name.split(".")[0]
        if group in ("prior", "train") or name in skipped:
            continue
        errors[group] = max(errors.get(group, 0.0), relative_error(got[name], value))
    return errors


def not_computed(form: str) -> set[str]:
    """What no loss and no output depends on, and the vectorised forms therefore leave out."""
    if form == "authors":
        return set()
    return {"loss.homo_repr", *(f"forward.proj_s_{m}" for m in MODALITIES)}


def check_training(system: DmdSystem, batches: list[Batch], expected: dict[str, Tensor]) -> float:
    trainer, rows = Trainer(system), []
    for k in range(expected["train.losses"].size(0)):
        losses = trainer.step(batches[k % len(batches)])
        rows.append(torch.stack([losses[name].detach() for name in LOSS_COLUMNS]))
    system.eval()
    final = system.logits(*batches[0][:3])["output_logit"]
    return max(
        relative_error(torch.stack(rows), expected["train.losses"]),
        relative_error(final, expected["train.final_output_logit"]),
    )


def load_system(folder: Path, config: Config, form: str) -> DmdSystem:
    system = DmdSystem(config, form).double()
    checkpoint.load(system, checkpoint.read(folder))
    return system


def verify_form(folder: Path, form: str) -> dict[str, float]:
    document = json.loads((folder / "config.json").read_text())
    config = from_fixture(document)
    batches = read_batches(folder, document["batches"])
    expected = load_file(folder / "expected.safetensors")
    errors = check_first_batch(
        load_system(folder, config, form).eval(), batches[0], expected, document["unused_parameters"]
    )
    errors["train"] = check_training(load_system(folder, config, form).train(), batches, expected)
    return errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixture", type=Path, help="fixture folder, e.g. tests/golden/data/dmd_small")
    parser.add_argument("--form", choices=FORMS, action="append", help="check only this form (may be repeated)")
    args = parser.parse_args()
    passed = True
    for form in args.form or FORMS:
        errors = verify_form(args.fixture, form)
        good = set(errors) == set(BOUNDS) and all(errors[group] <= BOUNDS[group] for group in BOUNDS)
        passed &= good
        listed = "  ".join(f"{group} {errors[group]:.1e}" for group in BOUNDS)
        print(f"{form:<11} {'pass' if good else 'FAIL'}  {listed}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
