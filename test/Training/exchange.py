#!/usr/bin/env python3
"""Weights of a trained run go out through a map, are changed by another program, and come back.

  exchange.py FOLDER [--torch]

Without --torch nothing but Python is needed: the exported file is held against the checkpoint element by element, written again as two shards in
F64, BF16 and F32 beside an index, and imported; the new run must hold those numbers and, where nothing was changed, give the same loss.

With --torch (packages torch, numpy and safetensors) the file is read by the safetensors package and computed with by PyTorch, changed there and imported:
perplexities, losses of training steps and every activation that PyTorch records must agree. Prints the largest relative differences.
"""
import argparse
import json
import struct
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MAP = HERE / "Inputs/smoe.map"
ROWS, CONTEXT, SPAN, WIDTH, LAYERS, HEADS, EXPERTS, TOP = 4, 8, 8, 16, 2, 2, 4, 2
SETTINGS = {"train.batch": ROWS, "train.context": CONTEXT, "train.micro_batches": 1, "model.p": 0, "model.d": WIDTH, "model.L": LAYERS, "model.n": HEADS,
            "model.S": SPAN, "model.E": EXPERTS, "model.R": "HeavyBall", "train.optimizer": "AdamW(lr=warmup(1e-2,10))"}


def moec(*arguments):
    done = subprocess.run(["moec", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"moec {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


class Work:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        subprocess.run([sys.executable, ROOT / "test/Tools/Inputs/make-text.py", self.data], check=True)

    def train(self, name, steps, *more):
        sets = [part for key, value in SETTINGS.items() for part in ("--set", f"{key}={value}")]
        moec("train", ROOT / "models/smoe-small.moe", "--data", self.data, "--out", self.folder / name, "--steps", steps, "--seed", 3, "--quiet", *sets,
             *more)
        return self.folder / name

    def loss(self, run):
        return json.loads(moec("eval", run, "--json"))["loss"]

    def checkpoint(self, run):
        found = read(sorted((run / "checkpoints").glob("step-*.safetensors"))[-1])
        return {name.removeprefix("param/"): tensor for name, tensor in found.items() if name.startswith("param/")}


def read(path):
    """Name -> (shape, numbers) of a file of F32 tensors."""
    raw = Path(path).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    tensors = {}
    for name, t in json.loads(raw[8 : 8 + size]).items():
        if name != "__metadata__" and t["dtype"] == "F32":
            begin, end = (8 + size + at for at in t["data_offsets"])
            tensors[name] = (t["shape"], list(struct.unpack(f"<{(end - begin) // 4}f", raw[begin:end])))
    return tensors


def write(path, tensors):
    """Name -> (dtype, shape, numbers)."""
    header, data = {}, b""
    for name, (dtype, shape, numbers) in tensors.items():
        if dtype == "BF16":
            piece = b"".join(struct.pack("<f", x)[2:] for x in numbers)
        else:
            piece = struct.pack(f"<{len(numbers)}{'d' if dtype == 'F64' else 'f'}", *numbers)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(piece)]}
        data += piece
    text = json.dumps(header).encode()
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def turned(tensor):
    (rows, columns), numbers = tensor
    return [columns, rows], [numbers[i * columns + j] for j in range(columns) for i in range(rows)]


def part(tensor, index, count):
    shape, numbers = tensor
    size = len(numbers) // count
    return [shape[0] // count, *shape[1:]], numbers[index * size : (index + 1) * size]


def expected(weights):
    """The export of these parameters, written down once more without a map."""
    out = {"embed.weight": weights["embedding.w"], "key_pe": ([1, *weights["pe"][0]], weights["pe"][1]), "head.weight": turned(weights["linear.w"]),
           "head.bias": weights["linear.bias"]}
    for i in range(LAYERS):
        p = f"layers.{i}."
        qkv = [turned(weights[f"{p}span_attention.{x}.w"]) for x in "qkv"]
        out[p + "attn.qkv.weight"] = ([3 * WIDTH, WIDTH], sum((numbers for _, numbers in qkv), []))
        out[p + "attn.proj.weight"] = turned(weights[p + "span_attention.linear.w"])
        for k, norm in enumerate(("layer_norm", "layer_norm_2", "layer_norm_3"), 1):
            out[f"{p}norm{k}.weight"], out[f"{p}norm{k}.bias"] = weights[f"{p}{norm}.scale"], weights[f"{p}{norm}.shift"]
        out[p + "moe.gate.weight"], out[p + "moe.gate.bias"] = turned(weights[p + "moe.router.s.w"]), weights[p + "moe.router.s.bias"]
        for k, linear in enumerate(("linear", "linear_2"), 1):
            for e in range(EXPERTS):
                shape, matrix = part(weights[f"{p}moe.expert.{linear}.w"], e, EXPERTS)
                shape_b, bias = part(weights[f"{p}moe.expert.{linear}.bias"], e, EXPERTS)
                out[f"{p}moe.experts.{e}.fc{k}.weight"] = turned((shape[1:], matrix))
                out[f"{p}moe.experts.{e}.fc{k}.bias"] = (shape_b[1:], bias)
    return out


def bfloat16(x):
    return struct.unpack("<f", b"\0\0" + struct.pack("<f", x)[2:])[0]


def plain(work):
    run = work.train("run", 12)
    weights = work.checkpoint(run)
    moec("export", run, "--map", MAP, "--to", work.folder / "out.safetensors")
    exported = read(work.folder / "out.safetensors")
    assert exported == expected(weights), "the exported file is not what the checkpoint says"

    # Back as it is: the same numbers, the same loss.
    again = work.train("again", 0, "--init-from", work.folder / "out.safetensors", "--map", MAP)
    assert work.checkpoint(again) == weights and work.loss(again) == work.loss(run)

    # Back changed, in shards and other types.
    hf = work.folder / "hf"
    hf.mkdir()
    changed, shards, index = {}, [{}, {}], {}
    for at, (name, (shape, numbers)) in enumerate(exported.items()):
        dtype = ("F32", "F64", "BF16")[at % 3]
        numbers = [bfloat16(1.5 * x) if dtype == "BF16" else struct.unpack("<f", struct.pack("<f", 1.25 * x))[0] for x in numbers]
        shards[at % 2][name] = (dtype, shape, numbers)
        changed[name] = (shape, numbers)
        index[name] = f"model-{at % 2}.safetensors"
    shards[1]["layers.0.rotary.inv_freq"] = ("F32", [1], [1.0])
    index["layers.0.rotary.inv_freq"] = "model-1.safetensors"
    for k, shard in enumerate(shards):
        write(hf / f"model-{k}.safetensors", shard)
    (hf / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    other = work.train("changed", 0, "--init-from", hf, "--map", MAP)
    assert expected(work.checkpoint(other)) == changed, "what was imported is not what the shards say"
    assert json.loads((other / "run.json").read_text())["start"]["weights"] == str(hf)

    # Training goes on from there, and a part is enough: the rest begins from the seed.
    some = work.train("some", 0, "--init-from", run, "--init-only", "embedding.*|layers.1.*")
    fresh = work.checkpoint(work.train("fresh", 0))
    for name, tensor in work.checkpoint(some).items():
        assert tensor == (weights if name.startswith(("embedding.", "layers.1.")) else fresh)[name], name

    # What is frozen stays, and has no optimiser state.
    frozen = work.train("frozen", 3, "--init-from", run, "--set", 'train.freeze="embedding.*|layers.0.*"')
    for name, tensor in work.checkpoint(frozen).items():
        assert (tensor == weights[name]) == name.startswith(("embedding.", "layers.0.")), name
    kept = [name for name in read(frozen / "checkpoints/step-00000003.safetensors") if name.startswith("opt/")]
    assert kept and not [name for name in kept if "embedding." in name or "layers.0." in name], kept
    print(f"{len(exported)} tensors went out and came back")


def with_torch(work):
    sys.path.insert(0, str(ROOT / "tools/bench"))
    import torch
    from peers.smoe import NAMES, SMoE
    from safetensors.torch import load_file, save_file

    def module(state):
        """The state of a PyTorch module by moec's names, whose matrices are [in, out]."""
        roles = {("embed", None): state["embed.weight"], ("pe", None): state["key_pe"][0], ("out.w", None): state["head.weight"].T,
                 ("out.b", None): state["head.bias"]}
        for i in range(LAYERS):
            p = f"layers.{i}."
            roles |= {(x, i): w.T for x, w in zip("qkv", state[p + "attn.qkv.weight"].chunk(3))}
            roles["o", i] = state[p + "attn.proj.weight"].T
            for k in (1, 2, 3):
                roles[f"n{k}.w", i], roles[f"n{k}.b", i] = state[f"{p}norm{k}.weight"], state[f"{p}norm{k}.bias"]
            roles["router.w", i], roles["router.b", i] = state[p + "moe.gate.weight"].T, state[p + "moe.gate.bias"]
            for k in (1, 2):
                stack = lambda what: torch.stack([state[f"{p}moe.experts.{e}.fc{k}.{what}"] for e in range(EXPERTS)])
                roles[f"w{k}", i], roles[f"b{k}", i] = stack("weight").transpose(1, 2), stack("bias")
        weights = {NAMES[role].replace("{i}", str(i)): tensor.contiguous().numpy() for (role, i), tensor in roles.items()}
        return SMoE(weights, {"n": HEADS, "S": SPAN, "k": TOP}, "heavy_ball")

    ids, streams = {}, {}
    for split in ("train", "valid", "test"):
        tokens = [word for line in (work.data / f"{split}.txt").read_text().splitlines() for word in [*line.split(), "<eos>"]]
        tokens = torch.tensor([ids.setdefault(word, len(ids)) for word in tokens])
        length = len(tokens) // ROWS
        streams[split] = tokens[: length * ROWS].view(ROWS, length)

    def blocks(split):
        text = streams[split]
        for at in range(0, text.shape[1] - CONTEXT, CONTEXT):
            yield text[:, at : at + CONTEXT], text[:, at + 1 : at + CONTEXT + 1]

    def loss_of(net, block, memory):
        loss, _, memory = net.loss(*block, memory)
        return loss, memory

    def evaluate(net):
        memory, losses = net.start(ROWS), []
        with torch.no_grad():
            for block in blocks("valid"):
                loss, memory = loss_of(net, block, memory)
                losses.append(loss.item())
        return sum(losses) / len(losses)

    def train(net, steps):
        memory, losses, optimizer = net.start(ROWS), [], torch.optim.Adam(net.parameters(), eps=1e-8)
        for step, block in zip(range(1, steps + 1), blocks("train")):
            optimizer.param_groups[0]["lr"] = 1e-2 * min(1, step / 10)
            loss, memory = loss_of(net, block, memory)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    def difference(ours, theirs):
        return abs(ours - theirs) / abs(theirs)

    # Out: PyTorch computes the loss that moec does.
    run = work.train("run", 30)
    moec("export", run, "--map", MAP, "--to", work.folder / "out.safetensors")
    state = load_file(work.folder / "out.safetensors")
    out = difference(work.loss(run), evaluate(module(state)))

    # And back, changed: experts exchanged, noise, other types, a shard each.
    torch.manual_seed(1)
    state = {name: tensor + 0.02 * torch.randn_like(tensor) for name, tensor in state.items()}
    for name in [name for name in state if ".experts.0." in name]:
        other = name.replace(".experts.0.", ".experts.3.")
        state[name], state[other] = state[other], state[name]
    types = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
    state = {name: tensor.to(types[at % 4]) for at, (name, tensor) in enumerate(state.items())}
    hf = work.folder / "hf"
    hf.mkdir()
    names = sorted(state)
    for k in range(2):
        save_file({name: state[name].contiguous() for name in names[k::2]}, hf / f"model-{k}.safetensors")
    (hf / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {name: f"model-{k}.safetensors" for k in range(2) for name in names[k::2]}}))
    state = {name: tensor.float() for name, tensor in state.items()}
    back = work.train("back", 0, "--init-from", hf, "--map", MAP)
    net = module(state)
    changed = difference(work.loss(back), evaluate(net))
    assert difference(work.loss(back), work.loss(run)) > 1e-3, "the change should be seen"

    # Training from there: the losses of 20 steps.
    trained = work.train("trained", 20, "--init-from", hf, "--map", MAP)
    lines = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    steps = max(difference(line["loss"], theirs) for line, theirs in zip((x for x in lines if "tokens_per_s" in x), train(module(state), 20), strict=True))

    # What PyTorch records on the way, compared by name; then the same with one norm of it wrong.
    recorded = {}
    normal = SMoE.norm

    def norm(self, x, which, i):
        y = normal(self, x, which, i)
        if which != "n2":
            recorded[f"layers.{i}.h" + ("_2" if which == "n3" else "")] = y.clone()
        return y

    SMoE.norm = norm
    block = next(blocks("valid"))
    with torch.no_grad():
        recorded["logits"] = net(block[0], net.start(ROWS))[0]
    recorded |= {"tokens": block[0].contiguous(), "targets": block[1].contiguous()}
    save_file(recorded, work.folder / "torch.safetensors")
    table = moec("compare", back, work.folder / "torch.safetensors")
    values = max(float(line.split()[0]) for line in table.splitlines()[1:])
    assert len(table.splitlines()) == 2 * LAYERS + 2, table
    recorded["layers.1.h"] = recorded["layers.1.h"] * 1.01
    recorded["layers.1.h_2"] = recorded["layers.1.h_2"] * 1.01
    save_file(recorded, work.folder / "wrong.safetensors")
    done = subprocess.run(["moec", "compare", str(back), str(work.folder / "wrong.safetensors")], capture_output=True, text=True)
    assert done.returncode == 1 and "error: 'layers.1.h' differs: " in done.stderr and done.stderr.rstrip().endswith("; so do 1 after it"), done.stderr

    print(f"loss of the exported weights {out:.1e}, of the changed and imported ones {changed:.1e}, of 20 steps from them {steps:.1e}; activations {values:.1e}")
    assert max(out, changed) < 1e-6 and steps < 1e-4 and values < 1e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--torch", action="store_true")
    arguments = parser.parse_args()
    (with_torch if arguments.torch else plain)(Work(arguments.folder))


if __name__ == "__main__":
    main()
