#!/usr/bin/env python3
"""zero.py RUN: every probe of a run called gap... is zero, up to rounding in f32. A value that is not finite is null in the metrics."""
import json
import math
import os
import sys

tolerance = 2e-5
worst = {}
with open(os.path.join(sys.argv[1], "metrics.jsonl")) as lines:
    for step in map(json.loads, lines):
        for name, value in step.get("probes", {}).items():
            if name.split(".")[-1].startswith("gap"):
                worst[name] = max(worst.get(name, 0), math.inf if value is None else abs(value))
wrong = [f"{name}: {value}" for name, value in worst.items() if value > tolerance]
print("\n".join(wrong + [f"{len(worst)} probes, largest difference {max(worst.values()):.1e}"]))
sys.exit(bool(wrong))
