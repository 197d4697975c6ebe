#!/usr/bin/env python3
"""Times training steps of SMoE-small in moec and in eager PyTorch on the same weights and tokens, alternately.

    python3 -m venv .venv && .venv/bin/pip install torch numpy
    .venv/bin/python tools/bench/step.py [--preset momentum] [--rounds 5] [--steps 6] [--json FILE]

SMoE-small shapes (3 layers, width 128, 8 heads, 16 experts, top-2, span 256), 20,000 words, 8 rows of 256 tokens, dropout 0, f32, 2 threads.
Before anything is timed the losses of the first three steps must agree to 1e-4 relative. Each round runs both sides once, the order changing from round
to round; the ratio is taken round by round. The text is random words of a Zipf distribution, made in the work folder.
"""
import argparse
import json
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from eager_smoe import SMoE

ROOT = Path(__file__).resolve().parents[2]
WORDS, ROWS, CONTEXT, SPAN, WIDTH, LAYERS, HEADS, EXPERTS, TOP = 20_000, 8, 256, 256, 128, 3, 8, 16, 2
LR, WARMUP = 7e-4, 3000

# Where the roles of eager_smoe.py stand in a moec checkpoint.
NAMES = json.loads((Path(__file__).parent / "names.json").read_text())


def name_of(role, layer):
    pattern, _, suffix = role.partition(".")
    key = NAMES.get(role) or f"{NAMES[pattern]}.{suffix}"
    return key.replace("{i}", str(layer))


def write_text(folder, seed=0):
    """train.txt with exactly WORDS - 3 different words (eos, unk and the attack token make up the rest)."""
    rng = np.random.default_rng(seed)
    known = WORDS - 3
    ranks = np.concatenate([np.arange(known), rng.zipf(1.2, 400_000) % known])
    rng.shuffle(ranks)
    lines = [" ".join(f"w{r}" for r in ranks[i : i + 40]) for i in range(0, len(ranks), 40)]
    folder.mkdir(parents=True)
    for split, part in (("train", lines), ("valid", lines[:60]), ("test", lines[:60])):
        (folder / f"{split}.txt").write_text("\n".join(part) + "\n")


def read_safetensors(path):
    raw = Path(path).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + size])
    types = {"F32": np.float32, "I32": np.int32, "I64": np.int64, "U8": np.uint8, "BOOL": np.bool_}
    return {
        name: np.frombuffer(raw, types[t["dtype"]], int(np.prod(t["shape"])), 8 + size + t["data_offsets"][0]).reshape(t["shape"])
        for name, t in header.items() if name != "__metadata__"
    }


class Moec:
    def __init__(self, args, work):
        self.args, self.work, self.count = args, work, 0

    def run(self, steps):
        """Trains from the initial weights; the metrics lines of its steps and the run's folder."""
        out = self.work / f"run-{self.count}"
        self.count += 1
        command = [str(ROOT / "build/bin/moec"), "train", str(ROOT / "models/smoe-small.moe"), "--data", str(self.work / "data"), "--out", str(out),
                   "--steps", str(steps), "--threads", "2", "--seed", "1", "--set", "train.batch=8",
                   "--set", "train.micro_batches=1", "--set", "model.p=0"]
        if self.args.preset:
            command += ["--preset", self.args.preset]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"moec failed with {done.returncode}:\n{done.stderr}")
        lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        return [line for line in lines if "tokens_per_s" in line], out

    def seconds(self, steps):
        lines, out = self.run(steps + 2)
        shutil.rmtree(out)
        return [ROWS * CONTEXT / line["tokens_per_s"] for line in lines[2:]]


class Eager:
    def __init__(self, args, weights, tokens):
        self.weights, self.tokens, self.rule = weights, tokens, "momentum" if args.preset else "plain"
        self.reset()

    def reset(self):
        self.net = SMoE({k: torch.tensor(v) for k, v in self.weights.items()}, LAYERS, HEADS, SPAN, EXPERTS, TOP, self.rule, name_of)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=LR, betas=(0.9, 0.999), eps=1e-8)
        self.memory, self.step = self.net.start(ROWS, WIDTH), 0

    def one(self):
        at = (self.step * CONTEXT) % (self.tokens.shape[1] - CONTEXT - 1)
        block = self.tokens[:, at : at + CONTEXT + 1]
        self.step += 1
        self.opt.param_groups[0]["lr"] = LR * min(1, self.step / WARMUP)
        logits, self.memory = self.net(block[:, :-1], self.memory)
        loss = F.cross_entropy(logits.view(-1, logits.shape[-1]), block[:, 1:].reshape(-1))
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        self.opt.step()
        return loss.item()

    def seconds(self, steps):
        self.reset()
        times = []
        for _ in range(steps + 2):
            start = time.perf_counter()
            self.one()
            times.append(time.perf_counter() - start)
        return times[2:]


def stream(folder, rows):
    """Word ids by first appearance over train, valid and test, cut to rows as moec's loader does."""
    ids, train = {}, []
    for split in ("train", "valid", "test"):
        for line in (folder / f"{split}.txt").read_text().splitlines():
            for word in line.split() + ["<eos>"]:
                value = ids.setdefault(word, len(ids))
                if split == "train":
                    train.append(value)
    length = len(train) // rows
    return torch.tensor(train[: length * rows]).view(rows, length), len(ids)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--json")
    args = parser.parse_args()
    torch.set_num_threads(2)
    work = Path(tempfile.mkdtemp(prefix="moec-bench-"))
    try:
        result = compare(args, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n")


def compare(args, work):
    write_text(work / "data")
    moec = Moec(args, work)
    _, start = moec.run(0)
    weights = {k.removeprefix("param/"): v for k, v in read_safetensors(sorted((start / "checkpoints").glob("*.safetensors"))[0]).items()
               if k.startswith("param/")}
    tokens, words = stream(work / "data", ROWS)
    eager = Eager(args, weights, tokens)
    ours = [line["loss"] for line in moec.run(3)[0]]
    theirs = [eager.one() for _ in range(3)]
    for a, b in zip(ours, theirs):
        if abs(a - b) > 1e-4 * abs(b):
            sys.exit(f"the losses disagree, nothing is timed: moec {ours}, PyTorch {theirs}")
    print(f"{words} words; first losses moec {ours}, PyTorch {theirs}")

    rounds = []
    for r in range(args.rounds):
        sides = [("moec", moec), ("eager", eager)]
        times = {name: statistics.median(side.seconds(args.steps)) for name, side in (sides if r % 2 == 0 else sides[::-1])}
        rounds.append(times)
        print(f"round {r + 1}: moec {times['moec']:.3f} s, PyTorch eager {times['eager']:.3f} s, ratio {times['eager'] / times['moec']:.2f}")
    ratios = sorted(t["eager"] / t["moec"] for t in rounds)
    result = {side: statistics.median(t[side] for t in rounds) for side in ("moec", "eager")}
    result |= {"ratio": statistics.median(ratios), "ratio_min": ratios[0], "ratio_max": ratios[-1], "torch": torch.__version__}
    print(f"median: moec {result['moec']:.3f} s, PyTorch {torch.__version__} eager {result['eager']:.3f} s; "
          f"eager / moec {result['ratio']:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    return result


if __name__ == "__main__":
    main()
