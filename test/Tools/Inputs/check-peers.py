"""The PyTorch peers of tools/bench compute what moec does, at small sizes: losses of steps, outputs and gradients of layers and products."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/bench"))

import layers
import products
import steps
from peers.rules import RULES
from peers.smoe import SMoE
from timing import alternate
from torch_side import live_peak

for rule in [*RULES, "learned"]:
    presets = [] if rule == "plain" else [rule]
    model = steps.Model("models/momentum.moe", 50, 3, 5, {}, SMoE, {"n": 4, "S": 7, "k": 2}, 10, presets, {"rule": rule}, 3e-3,
                        chunked=rule == "plain")
    steps.sides(model, 2, with_compile=False)
    print(f"{rule}: the same losses")

default = steps.MODELS["DefaultMoe"]
default.vocabulary, default.context = 100, 32
default.overrides = {"model.d": 24, "model.L": 3, "model.E": 6, "model.h": 20, "train.batch": 2, "train.context": 32}
found = steps.sides(default, 2, with_compile=False)
print("default outputs: the same losses")

for expert in ("mlp", "swiglu"):
    for routing in ("uniform", "zipf"):
        shape = layers.Shape(96, 24, 20, 6, 2, expert, routing)
        sides = layers.sides(shape, 2, with_compile=False)
        print(f"{expert}, {routing}: {', '.join(sides)} agree")

sides = products.sides(products.Shape(96, 24, 40), 2)
print(f"products: {', '.join(sides)} agree")

times = alternate(sides, 2, 1)
assert {name: len(values) for name, values in times.items()} == {name: 2 for name in sides}
held = sum(tensor.nbytes for tensor in found["PyTorch eager"].held())
assert live_peak(found["PyTorch eager"]) > held + 2 * 32 * 100 * 4, "the logits are alive at the peak"

count = default.program().count(1)
assert count["timed"] == "step" and "step" not in count and 0 < count["floor"]["seconds"] < 0.1, count
print("done")
