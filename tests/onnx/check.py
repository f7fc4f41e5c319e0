"""Runs exported models with ONNX Runtime on the CPU and compares them with what is expected.

check.py FOLDER: every folder in it holds model.onnx and, for each run, a file NAME.safetensors with
tensors input.X and output.Y. Prints a line a run and exits with 1 where any is off."""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

TOLERANCE = 1e-4  # of the largest expected value
SMALLEST = 1e-30  # which counts as this at least: sigmoid of -infinity is 0 or nearly so


def part(tensors, prefix):
    return {name[len(prefix):]: array for name, array in tensors.items() if name.startswith(prefix)}


def difference(got, expected):
    """The largest difference of finite values as a share of the largest expected one; infinite where the
    kinds differ, or NaN and infinities stand elsewhere."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return np.inf
    finite = np.isfinite(expected)
    if not np.isfinite(got[finite]).all() or not np.array_equal(got[~finite], expected[~finite], equal_nan=True):
        return np.inf
    got, expected = got[finite], expected[finite]
    scale = np.abs(expected).max(initial=0)
    return np.abs(got - expected).max(initial=0) / max(scale, SMALLEST)


def session_of(file):
    onnx.checker.check_model(str(file), full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def check(session, run):
    tensors = load_file(run)
    expected = part(tensors, "output.")
    names = [output.name for output in session.get_outputs()]
    if sorted(names) != sorted(expected):
        return np.inf
    results = session.run(names, part(tensors, "input."))
    return max(difference(got, expected[name]) for name, got in zip(names, results))


def main(folder):
    worst, runs = 0, 0
    for model in sorted(folder.glob("*/model.onnx")):
        session = session_of(model)
        for run in sorted(model.parent.glob("*.safetensors")):
            off = check(session, run)
            print(f"{model.parent.name} {run.stem}: {off:.1e}{'' if off <= TOLERANCE else '  OFF'}")
            worst = max(worst, off)
            runs += 1
    print(f"{runs} runs, {worst:.1e} at most")
    return worst <= TOLERANCE


if __name__ == "__main__":
    sys.exit(0 if main(pathlib.Path(sys.argv[1])) else 1)
