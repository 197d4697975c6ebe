#!/usr/bin/env python3
"""Makes the golden files of test/golden: small models in PyTorch float64, written from the papers' equations alone.

    python3 -m venv .venv && .venv/bin/pip install torch numpy
    .venv/bin/python tools/golden/make_golden.py test/golden

One .safetensors file a model:
    param/NAME  f32   initial value; random everywhere, so that a swapped scale and shift would show
    grad/NAME   f64   gradient of the loss on the first block
    tokens      i32   [blocks, rows, context + 1]: inputs are [..., :-1], targets [..., 1:]
    loss        f64   [3] loss of three consecutive blocks with the initial weights (the attention memory is carried along)
    curve64     f64   [50] losses of 50 steps of AdamW over the blocks, in float64
    curve32     f64   [50] the same run in float32: how far two right programs may drift apart
    state/NAME  f64   (DefaultMoe) model state after 5 of those steps
The files are read by test/EndToEnd; this script is needed only to make them again.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

ROWS, CONTEXT, SPAN, WIDTH, HEADS, HIDDEN, EXPERTS, TOP, LAYERS, WORDS, BLOCKS = 3, 5, 7, 16, 4, 12, 4, 2, 3, 23, 6
STEPS, LR, WARMUP = 50, 3e-3, 10


# ---- the layers -------------------------------------------------------------


def span_attention(p, pre, h, mem, pe):
    """Every position attends to the SPAN positions before it, over memory followed by the block; h: [B,T,d], mem: [B,S,d]."""
    rows, steps, width = h.shape
    size = width // HEADS
    past = torch.cat([mem, h], 1)
    q = (h @ p[pre + "q"]).view(rows, steps, HEADS, size)
    k = (past @ p[pre + "k"]).view(rows, SPAN + steps, HEADS, size)
    v = (past @ p[pre + "v"]).view(rows, SPAN + steps, HEADS, size)
    out = []
    for t in range(steps):
        window_k, window_v = k[:, t : t + SPAN], v[:, t : t + SPAN]  # [B,S,n,c]
        score = torch.einsum("bnc,bjnc->bnj", q[:, t], window_k) + torch.einsum("bnc,cj->bnj", q[:, t], pe)
        out.append(torch.einsum("bnj,bjnc->bnc", (score / size**0.5).softmax(-1), window_v).reshape(rows, width))
    return torch.stack(out, 1) @ p[pre + "o"]


def layer_norm(p, pre, x):
    return F.layer_norm(x, (x.shape[-1],), p[pre + "scale"], p[pre + "shift"], 1e-5)


def moe(p, pre, x):
    """Top-2 of the logits, weights = softmax over those two; x: [B,T,d]."""
    tokens = x.reshape(-1, x.shape[-1])
    logits = tokens @ p[pre + "router.w"] + p[pre + "router.b"]
    value, chosen = top(logits)
    weight = value.softmax(-1)
    out = torch.zeros_like(tokens)
    for slot in range(TOP):
        for e in range(EXPERTS):
            rows = (chosen[:, slot] == e).nonzero()[:, 0]
            y = (tokens[rows] @ p[pre + "w1"][e] + p[pre + "b1"][e]).relu() @ p[pre + "w2"][e] + p[pre + "b2"][e]
            out = out.index_add(0, rows, weight[rows, slot, None] * y)
    return out.view_as(x)


def top(scores):
    """The TOP largest by row, ties to the lowest index."""
    order = torch.sort(scores, dim=-1, descending=True, stable=True).indices[:, :TOP]
    return scores.gather(1, order), order


# ---- the momentum rules: x' from x, the layer f and what is carried ----------


def plain(i, x, f, c):
    return x + f(x)


def heavy_ball(i, x, f, c, mu=0.7, gamma=1.0):
    c["m"] = mu * c.get("m", 0) + gamma * f(x)
    return x - c["m"]


def adam(i, x, f, c, mu=0.7, gamma=1.0, g1=1.0, b1=0.9, b2=0.999):
    y = f(x)
    c["m"] = mu * c.get("m", 0) + gamma * y
    if i > 0:
        return x - c["m"]
    c["p"] = b1 * c.get("p", 0) + (1 - b1) * y
    c["v"] = b2 * c.get("v", 0) + (1 - b2) * y * y
    return x - (g1 * c["p"] / torch.sqrt(c["v"] + 1e-8) + x)


def robust(i, x, f, c, k=4.0, rho=0.6, L=2.0):
    g = k * (1 - rho) ** 2 * (1 + rho) / L
    a = rho**3 / ((k - 1) * (1 - rho) ** 2 * (1 + rho))
    m = c.get("m", torch.zeros_like(x))
    c["m"] = k * rho**3 / (k - 1) * m - f(x + a * g * m)
    return x + g * c["m"]


# ---- the models --------------------------------------------------------------


class MomentumModel:
    """Embedding; per layer span attention, norm, rule around the MoE layer, two norms; output layer."""

    def __init__(self, rule):
        self.rule = rule

    def shapes(self):
        d, h = WIDTH, HIDDEN
        shapes = {"embed": (WORDS, d), "pe": (d // HEADS, SPAN), "out.w": (d, WORDS), "out.b": (WORDS,)}
        for i in range(LAYERS):
            pre = f"{i}."
            shapes |= {pre + "a." + n: (d, d) for n in "qkvo"}
            for norm in ("n1.", "n2.", "n3."):
                shapes |= {pre + norm + "scale": (d,), pre + norm + "shift": (d,)}
            shapes |= {pre + "m.router.w": (d, EXPERTS), pre + "m.router.b": (EXPERTS,), pre + "m.w1": (EXPERTS, d, h),
                       pre + "m.b1": (EXPERTS, h), pre + "m.w2": (EXPERTS, h, d), pre + "m.b2": (EXPERTS, d)}
        return shapes

    def start(self, dtype):
        return {"mem": [torch.zeros(ROWS, SPAN, WIDTH, dtype=dtype) for _ in range(LAYERS)]}

    def forward(self, p, tokens, state):
        h, carry, mem = p["embed"][tokens], {}, []
        for i in range(LAYERS):
            pre = f"{i}."
            a = span_attention(p, pre + "a.", h, state["mem"][i], p["pe"])
            mem.append(torch.cat([state["mem"][i], h], 1)[:, -SPAN:].detach())
            h = layer_norm(p, pre + "n1.", h + a)
            s = layer_norm(p, pre + "n2.", self.rule(i, h, lambda x: moe(p, pre + "m.", x), carry))
            h = layer_norm(p, pre + "n3.", h + s)
        return h @ p["out.w"] + p["out.b"], {"mem": mem}, 0.0


class DefaultModel:
    """Default MoE: embedding, `x + DefaultMoe(norm x)` twice, norm, output layer. The token mixing is not what is tested here."""

    BETA, BALANCE, DEPTH = 0.9, 0.01, 2

    def shapes(self):
        d, h = WIDTH, HIDDEN
        shapes = {"embed": (WORDS, d), "out.w": (d, WORDS), "out.b": (WORDS,), "n.scale": (d,), "n.shift": (d,)}
        for i in range(self.DEPTH):
            pre = f"{i}."
            shapes |= {pre + "n.scale": (d,), pre + "n.shift": (d,), pre + "router": (d, EXPERTS), pre + "gate": (EXPERTS, d, h),
                       pre + "up": (EXPERTS, d, h), pre + "down": (EXPERTS, h, d)}
        return shapes

    def start(self, dtype):
        return {"D": [torch.zeros(EXPERTS, WIDTH, dtype=dtype) for _ in range(self.DEPTH)]}

    def forward(self, p, tokens, state):
        x, aux, averages = p["embed"][tokens], 0.0, []
        for i in range(self.DEPTH):
            y, average, balance = self.layer(p, f"{i}.", layer_norm(p, f"{i}.n.", x), state["D"][i])
            averages.append(average)
            x, aux = x + y, aux + balance
        return layer_norm(p, "n.", x) @ p["out.w"] + p["out.b"], {"D": averages}, aux

    def layer(self, p, pre, x, average):
        tokens = x.reshape(-1, WIDTH)
        pi = (tokens @ p[pre + "router"]).softmax(-1)
        on = torch.zeros_like(pi, dtype=torch.bool).scatter(1, top(pi)[1], True)
        average = average.clone()
        outputs = []
        for e in range(EXPERTS):
            y = (F.silu(tokens @ p[pre + "gate"][e]) * (tokens @ p[pre + "up"][e])) @ p[pre + "down"][e]  # every token: the dense meaning
            sent = on[:, e]
            if sent.any():
                w = pi[sent, e].detach()
                average[e] = self.BETA * average[e] + (1 - self.BETA) * (w[:, None] * y[sent].detach()).sum(0) / w.sum()
            outputs.append(torch.where(sent[:, None], y, average[e]))
        balance = EXPERTS / TOP * (pi.mean(0) * on.to(pi.dtype).mean(0)).sum() * self.BALANCE
        return (pi[:, :, None] * torch.stack(outputs, 1)).sum(1).view_as(x), average, balance


# ---- running them ------------------------------------------------------------


def initial(shapes, rng):
    """Random float32 values of a scale that keeps every activation alive."""
    out = {}
    for name, shape in shapes.items():
        if name.endswith("scale"):
            value = 1 + 0.2 * rng.standard_normal(shape)
        elif len(shape) == 1 or name.endswith((".b1", ".b2", "shift")):
            value = 0.2 * rng.standard_normal(shape)
        elif name == "embed":
            value = rng.standard_normal(shape)
        else:
            value = rng.standard_normal(shape) / shape[-2] ** 0.5
        out[name] = value.astype(np.float32)
    return out


def nll(model, p, block, state):
    logits, state, aux = model.forward(p, block[:, :-1], state)
    return F.cross_entropy(logits.reshape(-1, WORDS), block[:, 1:].reshape(-1)), aux, state


def tensors(weights, dtype):
    return {k: torch.tensor(v, dtype=dtype, requires_grad=True) for k, v in weights.items()}


def curve(model, weights, tokens, dtype, keep_after=0):
    """Losses of STEPS steps of AdamW (no decay, no clipping) with linear warm-up; the state after `keep_after` steps."""
    p, state, losses, kept = tensors(weights, dtype), model.start(dtype), [], None
    m = {k: torch.zeros_like(v) for k, v in p.items()}
    v2 = {k: torch.zeros_like(v) for k, v in p.items()}
    for step in range(1, STEPS + 1):
        loss, aux, state = nll(model, p, tokens[(step - 1) % BLOCKS], state)
        losses.append(loss.item())
        grads = torch.autograd.grad(loss + aux, list(p.values()))
        lr = LR * min(1.0, step / WARMUP)
        with torch.no_grad():
            for (k, v), g in zip(p.items(), grads):
                m[k] = 0.9 * m[k] + 0.1 * g
                v2[k] = 0.999 * v2[k] + 0.001 * g * g
                v -= lr * (m[k] / (1 - 0.9**step)) / ((v2[k] / (1 - 0.999**step)).sqrt() + 1e-8)
        if step == keep_after:
            kept = {k: [x.clone() for x in xs] for k, xs in state.items()}
    return np.array(losses), kept


def golden(model, seed):
    rng = np.random.default_rng(seed)
    weights = initial(model.shapes(), rng)
    stream = rng.integers(0, WORDS, (ROWS, BLOCKS * CONTEXT + 1))
    tokens = torch.tensor(np.stack([stream[:, b * CONTEXT : (b + 1) * CONTEXT + 1] for b in range(BLOCKS)]))
    out = {"param/" + k: v for k, v in weights.items()}
    p, state, losses = tensors(weights, torch.float64), model.start(torch.float64), []
    for b in range(3):
        loss, aux, state = nll(model, p, tokens[b], state)
        losses.append(loss.item())
        if b == 0:
            grads = torch.autograd.grad(loss + aux, list(p.values()), allow_unused=True)
            for (k, v), g in zip(p.items(), grads):
                out["grad/" + k] = np.zeros(v.shape) if g is None else g.numpy()
    out["tokens"] = tokens.numpy().astype(np.int32)
    out["loss"] = np.array(losses)
    out["curve64"], kept = curve(model, weights, tokens, torch.float64, keep_after=5)
    out["curve32"], _ = curve(model, weights, tokens, torch.float32)
    for i, average in enumerate(kept.get("D", [])):
        out[f"state/{i}.D"] = average.numpy()
    return out


def save(path, arrays):
    names = {np.dtype("float32"): "F32", np.dtype("float64"): "F64", np.dtype("int32"): "I32"}
    header, offset = {}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for array in arrays.values():
            f.write(np.ascontiguousarray(array).tobytes())


MODELS = {
    "plain": MomentumModel(plain),
    "heavy-ball": MomentumModel(heavy_ball),
    "adam": MomentumModel(adam),
    "robust": MomentumModel(robust),
    "default-moe": DefaultModel(),
}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_golden.py DIRECTORY")
    torch.set_num_threads(1)
    for seed, (name, model) in enumerate(MODELS.items()):
        out = golden(model, seed)
        save(Path(sys.argv[1]) / f"{name}.safetensors", out)
        gap = np.abs(out["curve32"] - out["curve64"]).max()
        print(f"{name:12} loss {out['loss'].round(6)}  after {STEPS} steps {out['curve64'][-1]:.6f}  f32-f64 gap {gap:.2e}")


if __name__ == "__main__":
    main()
