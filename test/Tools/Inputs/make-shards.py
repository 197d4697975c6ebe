"""make-shards.py DIR: token ids below 300 as nanoGPT (train.bin), llm.c (two shards of val) and NumPy (test) write them."""
import random
import struct
import sys
from pathlib import Path


def pack(kind, ids):
    return struct.pack(f"<{len(ids)}{kind}", *ids)


def header(magic, version, count):
    return pack("i", [magic, version, count] + [0] * 253)


def npy(kind, descr, ids):
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({len(ids)},), }}"
    text += " " * (-(10 + len(text) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + pack(kind, ids)


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
choice = random.Random(1)
ids = [choice.randrange(300) for _ in range(4000)]
(folder / "train.bin").write_bytes(pack("H", ids))
(folder / "val_000000.bin").write_bytes(header(20240520, 1, 200) + pack("H", ids[:200]))
(folder / "val_000001.bin").write_bytes(header(20240801, 7, 200) + pack("I", ids[200:400]))
(folder / "test.npy").write_bytes(npy("q", "<i8", ids[:300]))
