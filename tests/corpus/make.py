#!/usr/bin/env python3
"""make.py TARGET FOLDER: a folder for what the fuzz target finds, with seeds of the formats that are binary. Text seeds
stand in corpus/TARGET as they are.

One small file for every way through a reader: each dtype, order, version and mistake that has a sentence of its own.
"""
import json
import struct
import sys
from pathlib import Path


def npy(descr="'<f4'", order="False", shape="(2, 3)", data=bytes(24), version=1, extra=""):
    header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, {extra}}}".encode()
    size = struct.pack("<H" if version == 1 else "<I", len(header) + 1)
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + b"\n" + data


def npy_seeds():
    widths = {
        "b1": 1,
        "i1": 1,
        "u1": 1,
        "i2": 2,
        "u2": 2,
        "f2": 2,
        "i4": 4,
        "u4": 4,
        "f4": 4,
        "i8": 8,
        "u8": 8,
        "f8": 8,
        "c16": 16,
        "U2": 8,
    }
    for name, width in widths.items():
        for end in "|" if width == 1 else "<>":
            data = bytes(range(1, 1 + 6 * width)) if name != "b1" else bytes([0, 1, 0, 1, 1, 0])
            yield f"{'big-' if end == '>' else ''}{name}", npy(f"'{end}{name}'", data=data)
    yield "fortran", npy(order="True", data=struct.pack("<6f", *range(6)))
    yield "version-2", npy(version=2)
    yield "version-3", npy(version=3)
    yield "version-4", npy(version=4)
    yield "scalar", npy(shape="()", data=bytes(4))
    yield "empty", npy(shape="(0, 3)", data=b"")
    yield "vector", npy(shape="(6,)")
    yield "long", npy("'<i8'", shape="(3L,)")
    yield "u8-too-large", npy("'<u8'", shape="(1,)", data=b"\xff" * 8)
    yield "half-extremes", npy("'<f2'", shape="(6,)", data=struct.pack("<6H", 0, 1, 0x7BFF, 0x7C00, 0x7E00, 0x8001))
    yield "records", npy("[('a', '<f4'), ('b', '<i4')]", shape="(3,)")
    yield "overflow", npy(shape="(4294967296, 4294967296, 4)")
    yield "negative", npy(shape="(-1, 3)")
    yield "short", npy(data=bytes(20))
    yield "double-key", npy(extra="'descr': '<f8', ")
    yield "other-key", npy(extra="'other': 1, ")
    yield "magic", b"\x93NUMPY"


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def safetensors_seeds():
    widths = {
        "BOOL": 1,
        "I8": 1,
        "U8": 1,
        "I16": 2,
        "U16": 2,
        "F16": 2,
        "BF16": 2,
        "I32": 4,
        "U32": 4,
        "F32": 4,
        "I64": 8,
        "U64": 8,
        "F64": 8,
        "F8_E4M3": 1,
    }
    for dtype, width in widths.items():
        yield dtype.lower(), safetensors(
            {"a": {"dtype": dtype, "shape": [2, 3], "data_offsets": [0, 6 * width]}}, bytes(6 * width)
        )
    one = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    two = {"dtype": "F64", "shape": [], "data_offsets": [8, 16]}
    yield "two", safetensors(
        {"lstm.weight": one, "bias": two, "__metadata__": {"kind": "lstm", "hidden": "8"}}, bytes(16)
    )
    yield "empty", safetensors({})
    yield "no-elements", safetensors({"a": {"dtype": "F32", "shape": [0, 3], "data_offsets": [0, 0]}})
    yield "overlap", safetensors({"a": one, "b": one}, bytes(8))
    yield "hole", safetensors({"a": one, "b": {**two, "data_offsets": [12, 20]}}, bytes(20))
    yield "behind", safetensors({"a": one}, bytes(12))
    yield "short", safetensors({"a": one}, bytes(4))
    yield "overflow", safetensors({"a": {**one, "shape": [4294967296, 4294967296, 4]}}, bytes(8))
    yield "size", safetensors({"a": {**one, "shape": [3]}}, bytes(8))
    yield "escapes", safetensors(
        b'{"\\u0061\\n\\"\\\\\\ud83d\\ude00":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  ', bytes(8)
    )
    yield "metadata-number", safetensors({"__metadata__": {"a": 1}})
    yield "double-key", safetensors(b'{"a":{"dtype":"F32","dtype":"F64","shape":[],"data_offsets":[0,4]}}', bytes(4))
    yield "other-values", safetensors(b'{"a":[1.5e-3,true,false,null,{"b":-0}]}')
    yield "deep", safetensors(b'{"a":' + b"[" * 200 + b"]" * 200 + b"}")
    yield "header-too-long", struct.pack("<Q", 1 << 60) + b"{}"


SEEDS = {"npy": npy_seeds, "safetensors": safetensors_seeds}


def main(target, folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in SEEDS.get(target, lambda: [])():
        (folder / ("seed-" + name)).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
