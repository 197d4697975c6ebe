"""accumulate-events.py RUN: what TensorBoard's own reader finds in a run is what metrics.jsonl says."""
import json
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = sys.argv[1]
events = EventAccumulator(run, size_guidance={"scalars": 0, "histograms": 0})
events.Reload()
lines = [json.loads(line) for line in (pathlib.Path(run) / "metrics.jsonl").read_text().splitlines()]
steps = [line for line in lines if "loss" in line]
valid = [line for line in lines if "valid_loss" in line and "final" not in line]


def same(tag, wanted):
    found = [(event.step, event.value) for event in events.Scalars(tag)]
    assert [step for step, _ in found] == [step for step, _ in wanted], (tag, found)
    assert all(abs(a - b) <= 1e-6 * abs(b) for (_, a), (_, b) in zip(found, wanted)), tag


same("loss", [(line["step"], line["loss"]) for line in steps])
same("grad_norm", [(line["step"], line["grad_norm"]) for line in steps])
same("valid/ppl", [(line["step"], line["valid_ppl"]) for line in valid])
load = next(name for name in steps[0]["probes"] if name.endswith("load"))
histograms = events.Histograms("probes/" + load)
assert [event.step for event in histograms] == [line["step"] for line in steps]
print(f"as metrics.jsonl: {len(steps)} losses, {len(valid)} validations, {len(histograms)} histograms")
