"""The JSON of `moec replay` of the model faults.moe with fault=expert."""
import json
import sys

with open(sys.argv[1]) as file:
    replay = json.load(file)
assert replay["step"] == 4 and replay["failure"].startswith("step 4: the loss of micro-batch 1 of 1 is "), replay
assert replay["unfused_failure"], replay
origin = replay["origin"]
assert origin["program"] == "train" and origin["micro_batch"] == 1 and origin["op"] == "mul", origin
assert origin["location"].endswith("faults.moe:19:5"), origin
assert origin["kind"] == "from_finite" and origin["reached"] == "the loss" and origin["value"] == "inf", origin
assert origin["expert"] in range(4) and origin["result"]["shape"] == [48, 8], origin
assert 0 < origin["result"]["infinities"] <= 48 * 8 and origin["result"]["nans"] == 0, origin
assert all(operand["infinities"] == operand["nans"] == 0 for operand in origin["operands"]), origin
assert "float64" not in replay and "check" not in replay and "loss" not in replay, replay
