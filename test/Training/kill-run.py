#!/usr/bin/env python3
"""Kills training at random instants, goes on each time, and compares with a run that was left alone.

    python3 test/Training/kill-run.py [--moec build/bin/moec] [--kills 200] [--seed 1] [--steps 150]

A run of a tiny model with a checkpoint every second step, a validation every fifth and two threads or one in turns gets SIGKILL after a
random time, again and again until it comes to its end. Then every loss, every validation and the bytes of the last and of the best
checkpoint must be those of a run on one thread that nobody killed. A run that cannot go on is lost.
"""
import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "momentum.moe"
TIMES = ("seconds", "tokens_per_s")


class Counts:
    def __init__(self):
        self.runs = self.kills = self.writing = self.early = self.lost = self.differ = self.losses = 0


def lines_of(run):
    """metrics.jsonl without what the clock says."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in TIMES} for line in lines]


def differences(run, expected):
    """What is not as in the run that was left alone."""
    found, wanted = lines_of(run), lines_of(expected)
    differing = [f"metrics.jsonl:{i + 1}" for i, (a, b) in enumerate(zip_longest(found, wanted)) if a != b]
    for name in sorted({path.name for folder in (run, expected) for path in (folder / "checkpoints").iterdir()}):
        paths = [folder / "checkpoints" / name for folder in (run, expected)]
        if not all(path.exists() for path in paths) or paths[0].read_bytes() != paths[1].read_bytes():
            differing.append(name)
    return differing


class Trial:
    def __init__(self, options, work):
        self.moec = options.moec
        self.begin = [str(MODEL), "--data", str(work / "data"), "--steps", str(options.steps)]
        for setting in ("checkpoint_every=2", "eval_every=5", "eval_blocks=3"):
            self.begin += ["--set", "train." + setting]
        self.begin += ["--set", "model.p=0.1"]

    def command(self, run, threads):
        # Without run.json there is no run yet: it is begun again.
        how = ["--resume", str(run)] if (run / "run.json").exists() else self.begin + ["--out", str(run)]
        return [self.moec, "train", *how, "--threads", str(threads), "--quiet"]

    def finish(self, run, threads):
        return subprocess.run(self.command(run, threads), capture_output=True, text=True)

    def kill(self, run, threads, delay):
        """True when the process was still there to be killed."""
        process = subprocess.Popen(self.command(run, threads), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            _, errors = process.communicate(timeout=delay)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True
        if process.returncode:
            raise RuntimeError(errors)
        return False


def attack(trial, run, whole, most, draw, counts):
    """Kills one run up to `most` times, lets it end, compares."""
    for _ in range(most):
        delay = draw.uniform(0, whole)
        if not trial.kill(run, draw.choice((1, 2)), delay):
            break
        counts.kills += 1
        counts.early += not (run / "run.json").exists()
        counts.writing += any(".tmp-" in path.name for path in run.rglob("*"))
    ended = trial.finish(run, draw.choice((1, 2)))
    if ended.returncode:
        raise RuntimeError(ended.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moec", default=str(ROOT / "build" / "bin" / "moec"))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=150)
    options = parser.parse_args()
    draw, counts = random.Random(options.seed), Counts()
    with tempfile.TemporaryDirectory(prefix="moec-kill-") as folder:
        work = Path(folder)
        subprocess.run([sys.executable, ROOT / "test" / "Tools" / "Inputs" / "make-text.py", work / "data"], check=True)
        trial = Trial(options, work)
        expected = work / "expected"
        for again in range(2):  # the second time the program comes from the cache, as it will in the trials
            shutil.rmtree(expected, ignore_errors=True)
            start = time.monotonic()
            ended = trial.finish(expected, 1)
            whole = time.monotonic() - start
            if ended.returncode:
                sys.exit(ended.stderr)
        while counts.kills < options.kills:
            run = work / f"run-{counts.runs}"
            counts.runs += 1
            try:
                attack(trial, run, whole, min(4, options.kills - counts.kills), draw, counts)
                counts.losses += options.steps
                for what in differences(run, expected):
                    counts.differ += 1
                    print(f"run {counts.runs}: {what} differs", file=sys.stderr)
            except RuntimeError as problem:
                counts.lost += 1
                print(f"lost: {problem}", file=sys.stderr)
            shutil.rmtree(run, ignore_errors=True)
    print(f"{counts.kills} kills of {counts.runs} runs, {counts.writing} while a file was being written, {counts.early} before run.json")
    print(f"{counts.lost} runs lost, {counts.differ} of {counts.losses} losses or files differ")
    sys.exit(bool(counts.lost or counts.differ))


if __name__ == "__main__":
    main()
