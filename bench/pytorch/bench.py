#!/usr/bin/env python3
"""Times a training step or a prediction of the peer on random data and prints one JSON object.

A training step is one batch: its transfer, forward, backward, clipping and (each --accumulation batches) Adam, with
dropout on. A prediction is the transfer and the forward pass of one batch, down to the eight logits. With
--repeat-server the program stays: after a first object it times N steps for each line N on standard input.

Example: bench.py --model mosi --mode train --form stacked --compile default --threads 2
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from dmd_torch import checkpoint
from dmd_torch.config import PRESETS, Config, per_modality
from dmd_torch.system import FORMS, DmdSystem
from dmd_torch.text_encoder import KINDS, VOCABULARY, WIDTH, SystemWithEncoder
from dmd_torch.training import Batch, Trainer

COMPILE_MODES = ("none", "default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs")
GRAPH_MODES = ("reduce-overhead", "max-autotune")  # these record CUDA graphs


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=PRESETS, default="mosi")
    parser.add_argument("--mode", choices=("train", "infer"), default="train")
    parser.add_argument("--form", choices=FORMS, default="stacked")
    parser.add_argument("--compile", choices=COMPILE_MODES, default="none", help="torch.compile's mode")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--text-encoder", choices=KINDS, default="none", help="a base encoder trained along")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--precision", choices=("f32", "tf32"), default="f32", help="of products on a GPU")
    parser.add_argument("--lens", type=int, nargs=3, metavar=("L", "A", "V"), help="other input lengths")
    parser.add_argument("--feature-dims", type=int, nargs=3, metavar=("L", "A", "V"), help="other input widths")
    parser.add_argument("--accumulation", type=int, default=1, help="batches per optimizer step")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1111)
    parser.add_argument("--repeat-server", action="store_true")
    args = parser.parse_args()
    if args.accumulation > 1 and args.compile in GRAPH_MODES:
        parser.error(f"--compile {args.compile} replays into the same gradients, so it cannot accumulate them")
    if args.device == "cuda" and not torch.cuda.is_available():
        parser.error("this PyTorch finds no CUDA device")
    return args


def configuration(args: argparse.Namespace) -> Config:
    config = PRESETS[args.model]
    if args.lens:
        config = replace(config, lens=per_modality(*args.lens))
    if args.feature_dims:
        config = replace(config, feature_dims=per_modality(*args.feature_dims))
    if args.text_encoder != "none":
        config = replace(config, feature_dims=config.feature_dims | {"l": WIDTH})
    return config


def random_text(args: argparse.Namespace, config: Config, size: int) -> Tensor:
    """Features (B, T, D), or with an encoder tokens (B, 3, T) without padding: ids, mask, segments."""
    if args.text_encoder == "none":
        return torch.randn(size, config.lens["l"], config.feature_dims["l"])
    ids = torch.randint(VOCABULARY, (size, config.lens["l"]))
    return torch.stack([ids, torch.ones_like(ids), torch.zeros_like(ids)], dim=1)


def random_batches(args: argparse.Namespace, config: Config, count: int) -> list[Batch]:
    """Normal features and labels in steps of 0.2 from -3 to 3, as MOSI has them."""

    def host(tensor: Tensor) -> Tensor:
        return tensor.pin_memory() if args.device == "cuda" else tensor

    batches = []
    for _ in range(count):
        x = {m: torch.randn(args.batch, config.lens[m], config.feature_dims[m]) for m in ("v", "a")}
        x["l"] = random_text(args, config, args.batch)
        labels = torch.randint(-15, 16, (args.batch, 1)) / 5.0
        batches.append(tuple(host(t) for t in (x["l"], x["a"], x["v"], labels)))
    return batches


def make_step(args: argparse.Namespace, config: Config) -> Callable[[], None]:
    """A function that does one whole step and returns when the device has finished it."""
    system = checkpoint.build(config, args.form, args.seed)
    if args.text_encoder != "none":
        system = SystemWithEncoder(system, args.text_encoder)
    system.to(args.device)
    batches = itertools.cycle(random_batches(args, config, 4))
    run = training_step(args, system) if args.mode == "train" else inference_step(args, system)

    def step() -> None:
        if args.compile in GRAPH_MODES:
            torch.compiler.cudagraph_mark_step_begin()
        batch = tuple(t.to(args.device, non_blocking=True) for t in next(batches))
        run(batch).item()  # reading the number back waits for the device

    return step


def compiled(args: argparse.Namespace, function: Callable) -> Callable:
    if args.compile == "none":
        return function
    from torch._inductor import config as inductor  # a large import that only this needs

    # On the CPU the compiler's own random numbers are scalar code, several times slower than ATen's.
    inductor.fallback_random = args.device == "cpu"
    return torch.compile(function, mode=args.compile)


def training_step(args: argparse.Namespace, system: DmdSystem | SystemWithEncoder) -> Callable[[Batch], Tensor]:
    system.train()
    trainer = Trainer(system, args.accumulation, compiled(args, system))
    return lambda batch: trainer.step(batch)["total"]


def inference_step(args: argparse.Namespace, system: DmdSystem | SystemWithEncoder) -> Callable[[Batch], Tensor]:
    system.eval()
    logits = compiled(args, system.logits)

    @torch.inference_mode()
    def run(batch: Batch) -> Tensor:
        return logits(*batch[:3])["output_logit"][0, 0]

    return run


def status_bytes(key: str) -> int:
    """VmRSS or VmHWM of this process. The kernel's ru_maxrss would count the launching process too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return 1024 * int(line.split()[1])
    raise RuntimeError(f"/proc/self/status has no {key}")


def time_steps(step: Callable[[], None], count: int) -> dict[str, float | int]:
    milliseconds = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        milliseconds.append(1e3 * (time.perf_counter() - start))
    deciles = statistics.quantiles(milliseconds, n=10, method="inclusive") if count > 1 else milliseconds * 9
    return {
        "ms_median": statistics.median(milliseconds),
        "ms_p10": deciles[0],
        "ms_p90": deciles[8],
        "steps": count,
    }


def report(args: argparse.Namespace, timing: dict, fixed: dict) -> None:
    keys = ("device", "model", "text_encoder", "mode", "form", "compile", "batch", "threads", "precision")
    result = {key: getattr(args, key) for key in keys}
    result |= timing | {"peak_rss_bytes": status_bytes("VmHWM")} | fixed
    if args.device == "cuda":
        result["peak_device_bytes"] = torch.cuda.max_memory_allocated()
    print(json.dumps(result), flush=True)


def main() -> None:
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    torch.set_float32_matmul_precision("high" if args.precision == "tf32" else "highest")
    torch.backends.cudnn.allow_tf32 = args.precision == "tf32"  # convolutions round by default
    fixed = {"torch": torch.__version__, "library_rss_bytes": status_bytes("VmRSS")}
    step = make_step(args, configuration(args))
    start = time.perf_counter()
    for _ in range(args.warmup):
        step()
    fixed["warmup_s"] = time.perf_counter() - start
    report(args, time_steps(step, args.steps), fixed)
    if args.repeat_server:
        for line in sys.stdin:
            report(args, time_steps(step, int(line)), fixed)


if __name__ == "__main__":
    main()
