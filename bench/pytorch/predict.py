#!/usr/bin/env python3
"""Predicts a split of an MMSA feature file from a checkpoint: one JSON object a line, id and output.

The checkpoint is a .pth or .safetensors state dict; widths, layers and kernels are read from it, lengths from the
data, and only the number of heads from --model. Loading unpickles the feature file: use only files that you trust.

Example: predict.py --checkpoint model.pth --data features.pkl --split test --out predictions.jsonl
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dmd_torch import checkpoint
from dmd_torch.config import MODALITIES, PRESETS, Config
from dmd_torch.system import FORMS, DmdSystem

FIELDS = {"l": "text", "v": "vision", "a": "audio"}


def read_split(path: Path, split: str) -> tuple[list[str], dict[str, Tensor]]:
    with path.open("rb") as file:
        data = pickle.load(file)[split]
    features = {m: np.asarray(data[field], dtype=np.float32) for m, field in FIELDS.items()}
    features["a"][np.isneginf(features["a"])] = 0.0
    return [str(identifier) for identifier in data["id"]], {m: torch.from_numpy(x) for m, x in features.items()}


def configuration(preset: Config, parameters: dict[str, Tensor], features: dict[str, Tensor]) -> Config:
    projections = {m: parameters[f"model.proj_{m}.weight"].shape for m in MODALITIES}
    levels = len({name.split(".")[3] for name in parameters if name.startswith("model.trans_l_with_a.layers.")})
    return replace(
        preset,
        width=projections["l"][0],
        levels=levels,
        lens={m: x.size(1) for m, x in features.items()},
        feature_dims={m: shape[1] for m, shape in projections.items()},
        kernels={m: shape[2] for m, shape in projections.items()},
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--model", choices=PRESETS, default="mosi", help="whose number of heads to use")
    parser.add_argument("--form", choices=FORMS, default="vectorised")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--out", type=Path, help="a .jsonl file; standard output by default")
    return parser.parse_args()


@torch.inference_mode()
def main() -> None:
    args = parse_arguments()
    if args.threads:
        torch.set_num_threads(args.threads)
    ids, features = read_split(args.data, args.split)
    parameters = checkpoint.read(args.checkpoint)
    system = DmdSystem(configuration(PRESETS[args.model], parameters, features), args.form).eval()
    checkpoint.load(system, parameters, model_only=True)
    system.to(args.device)
    with args.out.open("w") if args.out else sys.stdout as out:
        for start in range(0, len(ids), args.batch):
            rows = slice(start, start + args.batch)
            batch = (features[m][rows].to(args.device) for m in ("l", "a", "v"))
            outputs = system.logits(*batch)["output_logit"].squeeze(1).tolist()
            for identifier, output in zip(ids[rows], outputs):
                print(json.dumps({"id": identifier, "output": output}), file=out, flush=start == 0)


if __name__ == "__main__":
    main()
