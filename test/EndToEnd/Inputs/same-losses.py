"""same-losses.py RUN RUN LIMIT: the losses of two runs, step by step; fails where they differ by more than a part of themselves."""
import json
import sys


def losses(run):
    lines = map(json.loads, open(f"{run}/metrics.jsonl"))
    return {line["step"]: line["loss"] for line in lines if "loss" in line}


first, second, limit = losses(sys.argv[1]), losses(sys.argv[2]), float(sys.argv[3])
assert first and first.keys() == second.keys(), "not the same steps"
gap = max(abs(first[step] / second[step] - 1) for step in first)
assert gap <= limit, f"the losses differ by {gap:g}"
print(f"{len(first)} losses agree")
