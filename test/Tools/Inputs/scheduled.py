"""scheduled.py METRICS: the learning rates are those of cosine(3e-2, 5, 200, low=.1), every second step; gradients are longer than the clip."""
import json
import math
import sys

lines = [json.loads(line) for line in open(sys.argv[1])]
steps = [line for line in lines if "lr" in line]
assert [line["step"] for line in steps[:4]] == [2, 4, 6, 8], steps[:4]
for line in steps:
    step = line["step"]
    expected = 3e-2 * min(1, step / 5) * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * max(0, (step - 5) / 195))))
    assert abs(line["lr"] - expected) < 1e-6, (line, expected)
assert any(line["grad_norm"] > 0.5 for line in steps)
validations = [line["step"] for line in lines if "valid_loss" in line and "final" not in line]
assert validations == list(range(3, validations[-1] + 1, 3)) and validations[-1] < 200, validations
assert lines[-1].get("final") and lines[-1]["step"] == validations[-1], lines[-1]
