#!/usr/bin/env python3
"""Writes what timing the start of a prediction needs: features.pkl in the MMSA layout and model.pth, homo.pth and
hetero.pth in the authors' format, all random, of a preset's shapes.

Example: make_start_case.py OUT_FOLDER --model mosi --samples 16
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import numpy as np
import torch

from dmd_torch import checkpoint
from dmd_torch.config import PRESETS, Config

SPLITS = ("train", "valid", "test")


def random_split(config: Config, name: str, samples: int, generator: np.random.Generator) -> dict:
    def feature(m: str) -> np.ndarray:
        return generator.standard_normal((samples, config.lens[m], config.feature_dims[m])).astype(np.float32)

    return {
        "id": [f"{name}${i}" for i in range(samples)],
        "raw_text": [f"utterance {i}" for i in range(samples)],
        "text": feature("l"),
        "audio": feature("a"),
        "vision": feature("v"),
        "text_bert": np.zeros((samples, 3, config.lens["l"]), np.int64),
        "audio_lengths": [config.lens["a"]] * samples,
        "vision_lengths": [config.lens["v"]] * samples,
        "annotations": ["Neutral"] * samples,
        "classification_labels": np.ones(samples, np.float32),
        "regression_labels": np.round(generator.uniform(-3, 3, samples), 1).astype(np.float32),
    }


def write_state_dicts(folder: Path, config: Config) -> None:
    parts: dict[str, dict[str, torch.Tensor]] = {}
    for name, value in checkpoint.state(checkpoint.build(config, "authors", seed=1111)).items():
        part, _, parameter = name.partition(".")
        parts.setdefault(part, {})[parameter] = value
    for part, values in parts.items():
        torch.save(values, folder / f"{part}.pth")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", choices=PRESETS, default="mosi")
    parser.add_argument("--samples", type=int, default=16)
    args = parser.parse_args()
    config, generator = PRESETS[args.model], np.random.default_rng(1111)
    args.folder.mkdir(parents=True, exist_ok=True)
    write_state_dicts(args.folder, config)
    data = {split: random_split(config, split, args.samples, generator) for split in SPLITS}
    with (args.folder / "features.pkl").open("wb") as file:
        pickle.dump(data, file, protocol=4)


if __name__ == "__main__":
    main()
