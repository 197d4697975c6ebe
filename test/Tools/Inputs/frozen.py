"""frozen.py FROZEN.json ALL.json: two reports of `moec info --json`; the frozen parameters have no gradient, no optimiser state and cost no products."""
import json
import math
import sys

some, all_ = (json.load(open(path)) for path in sys.argv[1:])
trained = sum(math.prod(t["shape"]) for t in some["tensors"] if not t["frozen"])
assert 0 < trained < some["parameters"] == all_["parameters"]
assert not any(t["frozen"] for t in all_["tensors"])
assert some["bytes"]["gradients"] == 4 * trained and some["bytes"]["optimizer"] == 8 * trained, some["bytes"]
assert some["forward_flop_per_token"] == all_["forward_flop_per_token"] and some["train_flop_per_token"] < 0.9 * all_["train_flop_per_token"]
