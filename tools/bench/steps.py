"""Training steps of whole language models: moec, PyTorch eager, torch.compile."""
from dataclasses import dataclass, field

import numpy as np

import moec_side
import torch_side
from gate import require_close
from peers.default_moe import DefaultModel
from peers.smoe import SMoE


@dataclass
class Model:
    file: str
    vocabulary: int
    rows: int
    context: int
    overrides: dict
    peer: type
    sizes: dict  # of the peer: what cannot be read from the weights
    warmup: int
    presets: list = field(default_factory=list)
    options: dict = field(default_factory=dict)  # of the peer
    rate: float = 7e-4
    chunked: bool = False  # whether to try PyTorch's loss in chunks too

    def program(self):
        return moec_side.Program(self.file, self.vocabulary, self.overrides, self.presets)

    def blocks(self, count=12, seed=0):
        """Ids [rows, context + 1] of a Zipf distribution, one block going on where the one before ended."""
        rng = np.random.default_rng(seed)
        share = 1 / np.arange(1, self.vocabulary + 1)
        stream = rng.choice(self.vocabulary, (self.rows, count * self.context + 1), p=share / share.sum()).astype(np.int32)
        return [np.ascontiguousarray(stream[:, b * self.context : (b + 1) * self.context + 1]) for b in range(count)]


def sides(model, threads, with_compile=True, checked=3):
    """By name; the losses of the first steps agree."""
    session = model.program().session(threads)
    weights, blocks = moec_side.weights(session), model.blocks()
    found = {"moec": moec_side.Steps(session, blocks)}
    forms = [("PyTorch eager", {}, False)]
    if model.chunked:
        forms.append(("eager, loss in chunks", {"chunked": True}, False))
    if with_compile:
        forms.append(("torch.compile", {"product": "grouped"}, True))
    for name, options, compiled in forms:
        net = model.peer(weights, model.sizes, **model.options, **options)
        found[name] = torch_side.Steps(net, blocks, model.rate, model.warmup, compiled)
    for step in range(1, checked + 1):
        losses = {name: side.step() for name, side in found.items()}
        for name in losses:
            require_close(f"the loss of step {step}", losses["moec"], losses[name])
    return found


def smoe(size, vocabulary, rows, context, span, warmup, preset=None, **settings):
    overrides = {"train.batch": rows, "train.micro_batches": 1, "model.p": 0} | {f"train.{key}": value for key, value in settings.items()}
    rule = {"momentum": "heavy_ball"}.get(preset, "plain")
    return Model(f"models/smoe-{size}.moe", vocabulary, rows, context, overrides, SMoE, {"n": 8, "S": span, "k": 2}, warmup,
                 [preset] if preset else [], {"rule": rule}, chunked=vocabulary > 100_000)


MODELS = {
    "SMoE-small": smoe("small", 20_000, 8, 256, 256, 3000),
    "MomentumSMoE-small": smoe("small", 20_000, 8, 256, 256, 3000, "momentum"),
    "SMoE-medium": smoe("medium", 20_000, 4, 512, 1024, 4000),
    "SMoE-medium, 836 MiB": smoe("medium", 20_000, 4, 512, 1024, 4000, memory='"836 MiB"'),
    "MomentumSMoE-small, 267,735 words": smoe("small", 267_735, 8, 256, 256, 3000, "momentum"),
    "DefaultMoe": Model("models/default-moe.moe", 8192, 2, 1024,
                        {"model.d": 256, "model.L": 6, "model.E": 8, "model.h": 704, "train.batch": 2, "train.context": 1024},
                        DefaultModel, {"k": 2}, 10, rate=3e-3),
}
