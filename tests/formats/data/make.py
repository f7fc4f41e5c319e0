#!/usr/bin/env python3
"""Writes the pickles that the tests of the pickle reader read, with real Python and NumPy.

Run it once with NumPy 1 and once with NumPy 2 (in two virtual environments); the files are kept in
the repository, so that the tests need neither:

    python make.py
"""
import collections
import pathlib
import pickle

import numpy as np

HERE = pathlib.Path(__file__).parent
MAJOR = np.__version__.split(".")[0]


def values():
    """One of everything that the reader builds."""
    shared = ["shared"]
    numbers = np.arange(6).reshape(2, 3)
    return {
        "none": None,
        "booleans": [True, False],
        "integers": [0, 255, 256, 65535, 65536, -1, 2**31 - 1, -(2**31), 2**40, -(2**40), 2**63 - 1],
        "floats": [1.5, -0.0, float("inf"), 1e300],
        "text": "plain",
        "unicode": "äß 日本 🙂",
        "long text": "x" * 300,
        "bytes": b"\x00\x7f\x80\xff",
        "no bytes": b"",
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        "dict": {"a": {"b": [1]}},
        "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
        "twice": [shared, shared],
        "f2": numbers.astype("<f2"),
        "f4": numbers.astype("<f4"),
        "f8": numbers.astype("<f8"),
        "big f4": numbers.astype(">f4"),
        "big i2": numbers.astype(">i2"),
        "i1": (numbers - 3).astype("i1"),
        "i4": numbers.astype("<i4"),
        "i8": numbers.astype("<i8"),
        "u1": numbers.astype("u1"),
        "u8": numbers.astype("<u8"),
        "bool": numbers > 2,
        "fortran": np.asfortranarray(numbers.astype("<f4")),
        "big fortran": np.asfortranarray(numbers.astype(">f8")),
        "slice": np.arange(12, dtype="<f4").reshape(2, 6)[:, ::2],
        "empty": np.zeros((0, 3), "<f4"),
        "one": np.array(3.5, "<f4"),
        "strings": np.array([["ä", "日本"], ["", "abc"]]),
        "big strings": np.array(["ä", "日本"]).astype(">U2"),
        "byte strings": np.array([b"ab", b"c"]),
        "objects": np.array(["x", 1, None, 2.5], dtype=object).reshape(2, 2),
        "scalar f4": np.float32(1.5),
        "scalar f8": np.float64(2.5),
        "scalar i8": np.int64(-7),
        "scalar bool": np.bool_(True),
        "scalar text": np.str_("é"),
    }


def features():
    """A feature file of the MMSA layout: 3, 2 and 2 utterances."""

    def split(name, n):
        def block(steps, width, start):
            block = np.arange(n * steps * width, dtype="<f4").reshape(n, steps, width)
            return block / 4 + start

        return {
            "raw_text": np.array([f"text {i}" for i in range(n)], dtype=object),
            "text": block(4, 2, 0),
            "text_bert": np.stack([np.full((3, 5), i) for i in range(n)]).astype("<f4"),
            "audio": block(3, 1, 100).astype("<f8"),
            "vision": np.asfortranarray(block(2, 3, -100)),
            "id": [f"{name}$_${i}" for i in range(n)],
            "regression_labels": np.linspace(-3, 3, n, dtype="<f4"),
            "classification_labels": np.zeros(n),
            "annotations": ["Neutral"] * n,
            "audio_lengths": [3] * n,
            "vision_lengths": [2] * n,
        }

    return {"train": split("train", 3), "valid": split("valid", 2), "test": split("test", 2)}


for protocol in range(2, 6):
    name = f"numpy{MAJOR}_protocol{protocol}.pkl"
    (HERE / f"values_{name}").write_bytes(pickle.dumps(values(), protocol))
    (HERE / f"features_{name}").write_bytes(pickle.dumps(features(), protocol))
