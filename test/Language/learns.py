#!/usr/bin/env python3
"""learns.py RUN [NAME...]: the loss of a run falls, every number in it is finite, and the named losses and probes are recorded."""
import json
import math
import os
import sys

run, names = sys.argv[1], sys.argv[2:]
with open(os.path.join(run, "metrics.jsonl")) as lines:
    steps = [step for step in map(json.loads, lines) if "loss" in step]


def numbers(value):
    if isinstance(value, dict):
        return [x for part in value.values() for x in numbers(part)]
    return [x for part in value for x in numbers(part)] if isinstance(value, list) else [value]


losses = [step["loss"] for step in steps]
recorded = {name for step in steps for kind in ("aux", "probes") for name in step.get(kind, {})}
problems = [f"step {step['step']} is not finite" for step in steps if not all(math.isfinite(x) for x in numbers(step))]
problems += [f"{name} is not recorded; there are {', '.join(sorted(recorded))}" for name in names if name not in recorded]
first, last = sum(losses[:5]) / 5, sum(losses[-5:]) / 5
if last > first - 0.5:
    problems.append("the loss does not fall")
print("\n".join(problems + [f"{len(losses)} steps, loss {first:.2f} -> {last:.2f}"]))
sys.exit(bool(problems))
