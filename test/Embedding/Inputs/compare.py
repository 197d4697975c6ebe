"""compare.py HOST-OUTPUT RUN:SEED...: the losses that a host printed are those of the runs, bit for bit."""
import json
import sys

output, runs = sys.argv[1], [run.rsplit(":", 1) for run in sys.argv[2:]]
printed = {}
for line in open(output):
    if line[0].isdigit():
        seed, step, loss = line.split()
        printed[int(seed), int(step)] = float(loss)
compared = 0
for run, seed in runs:
    for line in open(run + "/metrics.jsonl"):
        values = json.loads(line)
        if "loss" in values:
            assert printed.pop((int(seed), values["step"])) == values["loss"], (run, values["step"])
            compared += 1
assert not printed, printed
print(compared, "losses are the same")
