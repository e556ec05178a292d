"""Converts the TensorFlow checkpoints inside the package `musicnn` to the weight files of this project.

    pip download --no-deps musicnn==0.1.0
    python -m recommender.audio.checkpoint musicnn-0.1.0-py3-none-any.whl

The index of a checkpoint is a sorted string table: blocks of (shared bytes, new bytes, length, key,
value) and a footer that points to the block of blocks. Each value is a protocol buffer with shape, offset
and size; the tensors themselves lie raw in the data file. NumPy reads all of it; TensorFlow is not
needed.
"""

import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from recommender.arrays import Floats
from recommender.audio.musicnn import NETWORKS, weights_file

_FOOTER = 48  # bytes
_EPSILON = 1e-3  # of TensorFlow's batch normalisation
_CONVOLUTIONS, _NORMS = 8, 11


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of one block without compression."""
    if data[offset + size]:
        raise ValueError("The index is compressed; only plain blocks can be read.")
    block = data[offset : offset + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    at, end, key = 0, size - 4 - 4 * restarts, b""
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        at += fresh
        yield key, block[at : at + length]
        at += length


def _fields(message: bytes) -> dict[int, Any]:
    """Return the fields of a protocol buffer; those that repeat as a list."""
    found: dict[int, Any] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            found[number], at = _varint(message, at)
        elif wire == 2:
            length, at = _varint(message, at)
            found.setdefault(number, []).append(message[at : at + length])
            at += length
        else:
            at += 4 if wire == 5 else 8
    return found


def tensors(index: bytes, data: bytes) -> dict[str, Floats]:
    """Return the float32 tensors of a checkpoint by name, without those of the optimiser."""
    footer = index[-_FOOTER:]
    _, at = _varint(footer, 0)
    _, at = _varint(footer, at)
    offset, at = _varint(footer, at)
    size, _ = _varint(footer, at)
    found = {}
    for _, place in _block(index, offset, size):
        start, at = _varint(place, 0)
        length, _ = _varint(place, at)
        for key, value in _block(index, start, length):
            name, entry = key.decode(), _fields(value)
            if not name or "Adam" in name or name.endswith("_power"):
                continue
            shape = [_fields(part)[1] for part in _fields(entry[2][0]).get(2, [])]
            raw = data[entry.get(4, 0) : entry.get(4, 0) + entry[5]]
            found[name] = np.frombuffer(raw, dtype="<f4").reshape(shape)
    return found


def folded(found: dict[str, Floats]) -> dict[str, Any]:
    """Return float16 kernels, and each batch normalisation as float32 scale and shift."""
    weights: dict[str, Any] = {}
    for layer in range(_CONVOLUTIONS):
        name = f"conv2d_{layer}" if layer else "conv2d"
        kernel = found[f"{name}/kernel"]
        weights[f"conv{layer}"] = kernel.reshape(-1, kernel.shape[-1]).astype(np.float16)
        weights[f"bias{layer}"] = found[f"{name}/bias"]
    for layer, name in enumerate(["dense", "dense_1"]):
        weights[f"dense{layer}"] = found[f"{name}/kernel"].astype(np.float16)
        weights[f"dense_bias{layer}"] = found[f"{name}/bias"]
    for layer in range(_NORMS):
        name = f"batch_normalization_{layer}" if layer else "batch_normalization"
        scale = found[f"{name}/gamma"] / np.sqrt(found[f"{name}/moving_variance"] + _EPSILON)
        weights[f"scale{layer}"] = scale
        weights[f"shift{layer}"] = found[f"{name}/beta"] - scale * found[f"{name}/moving_mean"]
    return weights


def main(wheel: Path) -> None:
    """Write the weight files from the wheel of `musicnn`."""
    with zipfile.ZipFile(wheel) as files:
        for name in NETWORKS:
            folder = f"musicnn/{name.upper()}_musicnn"
            index = files.read(f"{folder}/.index")
            found = tensors(index, files.read(f"{folder}/.data-00000-of-00001"))
            np.savez_compressed(weights_file(name), **folded(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
