"""One mixture of experts, forward and backward: moec, PyTorch eager, torch.compile, grouped_mm."""
from dataclasses import dataclass

import numpy as np

import moec_side
import torch_side
from gate import require_close
from peers.experts import top_k

WEIGHTS = {
    "mlp": {"w1": "mixture.expert.linear.w", "b1": "mixture.expert.linear.bias", "w2": "mixture.expert.linear_2.w", "b2": "mixture.expert.linear_2.bias"},
    "swiglu": {"gate": "mixture.expert.gate.w", "up": "mixture.expert.up.w", "down": "mixture.expert.linear.w"},
}
ROUTER = {"x": "x", "router": "mixture.s.w", "bias": "mixture.s.bias"}


@dataclass
class Shape:
    tokens: int
    d: int
    h: int
    experts: int
    k: int
    expert: str
    routing: str

    def program(self):
        overrides = {"train.context": self.tokens, "model.h": self.h, "model.E": self.experts, "model.k": self.k}
        return moec_side.Program("tools/bench/models/layer.moe", self.d, overrides, [self.expert] if self.expert != "mlp" else [])


def loads(shape):
    """The share of the pairs that each expert is to get."""
    share = np.ones(shape.experts) if shape.routing == "uniform" else 1 / np.arange(1, shape.experts + 1)
    return share / share.sum()


def bias_for(logits, share, k, rounds=400):
    """The bias of the router with which its k largest logits are spread as `share`."""
    bias, rate = np.zeros(len(share)), 1.0
    for r in range(rounds):
        chosen = np.argpartition(-(logits + bias), k - 1, axis=1)[:, :k]
        found = np.bincount(chosen.ravel(), minlength=len(share)) / chosen.size
        bias += rate * np.log(share / np.maximum(found, 1 / chosen.size))
        rate *= 0.99
    return bias - bias.mean()


def prepare(shape, session):
    """Sets the bias of the router; the arguments of the peer."""
    names = ROUTER | WEIGHTS[shape.expert]
    logits = session.param("x").numpy() @ session.param(names["router"]).numpy()
    session.param(names["bias"]).numpy()[:] = bias_for(logits, loads(shape), shape.k)
    return {argument: session.param(name).numpy().copy() for argument, name in names.items()}


def peer(shape, product):
    def mixture(x, router, bias, **weights):
        return top_k(x, router, bias, shape.k, shape.expert, list(weights.values()), product)

    return mixture


def check(shape, session, side):
    """Output and every gradient of PyTorch are those of moec."""
    tokens = np.zeros((1, shape.tokens), np.int32)
    ours = session.logits(tokens).numpy()[0].copy()
    session.micro_batch()
    session.update()
    with_output = side.function(**side.inputs)
    require_close("output", ours, with_output.detach().numpy())
    with_output.backward(with_output.detach())
    for argument, name in (ROUTER | WEIGHTS[shape.expert]).items():
        require_close("gradient of " + name, session.grad(name).numpy(), side.inputs[argument].grad.numpy())
    side.rest()


def sides(shape, threads, with_compile=True):
    """By name, checked against one another."""
    session = shape.program().session(threads)
    inputs = prepare(shape, session)
    found = {"moec": moec_side.Layer(session)}
    forms = (("PyTorch eager", "split", False), ("grouped_mm", "grouped", False), ("torch.compile", "grouped", True))
    for name, product, compiled in forms[: None if with_compile else -1]:
        found[name] = torch_side.Layer(peer(shape, product), inputs, compiled)
        check(shape, session, found[name])
    return found


CASES = [Shape(4096, 352, 352, 16, 2, "mlp", r) for r in ("uniform", "zipf")] + [Shape(4096, 512, 1408, 32, 4, "swiglu", r) for r in ("uniform", "zipf")]
