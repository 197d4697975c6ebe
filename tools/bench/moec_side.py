"""moec's side of the comparisons: programs driven through the Python module, and what `moec bench` counts of them."""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MOE_BUILD", ROOT / "build"))
os.environ.setdefault("MOE_LIBRARY", str(BUILD / "lib/libmoe.so.1"))
sys.path.insert(0, str(ROOT / "lib/CAPI/python"))

import moe  # noqa: E402
from timing import Side  # noqa: E402


class Program:
    """A .moe file with its settings, compiled when it is first used."""

    def __init__(self, file, vocabulary, overrides, presets=()):
        self.file, self.vocabulary, self.overrides, self.presets = ROOT / file, vocabulary, dict(overrides), list(presets)

    def session(self, threads, seed=1):
        model = moe.compile(self.file, vocabulary=self.vocabulary, overrides=self.overrides, presets=self.presets)
        return model.session(seed=seed, threads=threads)

    def command(self, *arguments):
        line = [str(BUILD / "bin/moec"), "bench", str(self.file), "--vocabulary", str(self.vocabulary), *map(str, arguments)]
        line += [part for preset in self.presets for part in ("--preset", preset)]
        return line + [part for key, value in self.overrides.items() for part in ("--set", f"{key}={value}")]

    def count(self, threads, *flags):
        """What `moec bench --steps 0` says: the work of a step, the memory of the plan, this machine's ceilings."""
        done = subprocess.run(self.command("--threads", threads, "--steps", 0, "--rounds", 1, "--json", "-", *flags), capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return json.loads(done.stdout)


def weights(session):
    """Copies of the parameters by name."""
    return {name: session.param(name).numpy().copy() for name in session.model.parameters}


class Steps(Side):
    """Training steps over blocks of ids [B, T + 1]."""

    def __init__(self, session, blocks):
        self.session, self.blocks, self.at = session, blocks, 0

    def step(self):
        block = self.blocks[self.at % len(self.blocks)]
        self.at += 1
        return self.session.step(block[:, :-1], block[:, 1:])


class Layer(Side):
    """Forward and backward of a program that reads no tokens; the update, which changes nothing, is not timed."""

    def __init__(self, session):
        self.session = session

    def step(self):
        return self.session.micro_batch()

    def rest(self):
        self.session.update()
