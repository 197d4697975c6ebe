#!/usr/bin/env python3
"""Compares moec with PyTorch and BLAS libraries and prints tables (docs/benchmarks.md).

    python3 -m venv .venv && .venv/bin/pip install torch numpy
    .venv/bin/python tools/bench/run.py --list
    .venv/bin/python tools/bench/run.py steps layers --out results

Each case is one run: the results are compared first (an error ends it), then the sides are timed alternately. Ratios are paired round by round.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

import layers
import moec_side
import products
import steps
from timing import alternate, interval, ratio
from torch_side import live_peak

HERE = Path(__file__).parent


def seconds(triple):
    return f"{triple[0]:.4g} s ({triple[1]:.4g} to {triple[2]:.4g})"


def times_as(triple):
    return f"{triple[0]:.2f} ({triple[1]:.2f} to {triple[2]:.2f})"


def megabytes(count):
    return f"{count / 1e6:,.0f} MB"


def percent(triple):
    return f"{100 * (triple[0] - 1):+.2f} % ({100 * (triple[1] - 1):+.2f} to {100 * (triple[2] - 1):+.2f})"


def chosen(args, names):
    """The cases that `--only` means: the one of that name, or those whose names contain it."""
    return [name for name in names if name == args.only] or [name for name in names if args.only in name]


def compare(case, program, sides, args, update=True):
    """One row: seconds of each side, ratios to moec, memory, share of the speed of light."""
    flags = [] if update else ["--no-update"]
    first = program.count(args.threads, *flags)
    times = alternate(sides, args.rounds, args.steps)
    count = min(first, program.count(args.threads, *flags), key=lambda c: c["floor"]["seconds"])
    row = {"case": case, "seconds": {name: interval(values) for name, values in times.items()}, "times": times, "count": count}
    row["ratios"] = {name: ratio(times, name, "moec") for name in sides if name != "moec"}
    row["share"] = count["floor"]["seconds"] / row["seconds"]["moec"][0]
    memory = count["memory"]
    row["bytes"] = {"moec": sum(memory.values()) if update else memory["parameters"] + memory["gradients"] + memory["train_arena"]}
    row["bytes"] |= {name: live_peak(side) for name, side in sides.items() if hasattr(side, "held")}
    print(f"{case}: moec {seconds(row['seconds']['moec'])}, " + ", ".join(f"{name} / moec {times_as(r)}" for name, r in row["ratios"].items()), file=sys.stderr, flush=True)
    return row


def render(title, rows):
    """Rows of `compare` as Markdown."""
    names = list(dict.fromkeys(name for row in rows for name in row["ratios"]))
    peers = [name for name in names if any(name in row["bytes"] for row in rows)]
    head = ["", "moec", *(f"{name} / moec" for name in names), "speed of light", "memory", *(f"memory of {name} / moec" for name in peers)]
    lines = [f"### {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        ratios = [times_as(row["ratios"][name]) if name in row["ratios"] else "" for name in names]
        memory = [f"{row['bytes'][name] / row['bytes']['moec']:.2f}" if name in row["bytes"] else "" for name in peers]
        cells = [row["case"], seconds(row["seconds"]["moec"]), *ratios, f"{100 * row['share']:.0f} %", megabytes(row["bytes"]["moec"]), *memory]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def table_steps(args):
    rows = []
    for name in chosen(args, steps.MODELS):
        model = steps.MODELS[name]
        rows.append(compare(name, model.program(), steps.sides(model, args.threads, args.compile), args))
    return rows, render("Training steps", rows)


def table_layers(args):
    rows = []
    for shape in layers.CASES:
        case = f"{shape.expert}, T {shape.tokens}, d {shape.d}, h {shape.h}, E {shape.experts}, k {shape.k}, {shape.routing}"
        if args.only in case:
            rows.append(compare(case, shape.program(), layers.sides(shape, args.threads, args.compile), args, update=False))
    return rows, render("A mixture of experts, forward and backward", rows)


def table_products(args):
    rows = []
    for shape in products.SHAPES:
        case = f"[{shape.tokens}, {shape.d}] x [{shape.d}, {shape.out}]"
        if args.only in case:
            rows.append(compare(case, shape.program(), products.sides(shape, args.threads), args, update=False))
    return rows, render("A linear layer: y, dx and dw", rows)


def table_overhead(args):
    """A rule against the plain layer, of moec alone: pairs of steps that follow one another."""
    block = {"train.context": 2048, "model.h": 128, "model.E": 16, "model.k": 2}
    small, default = steps.MODELS["SMoE-small"], steps.MODELS["DefaultMoe"]
    language = {"Language.d": 256, "Language.L": 6, "Language.E": 8, "Language.k": 2, "Language.h": 704, "train.batch": 2, "train.context": 1024}
    mixture = {"Block.L": 6, "Block.E": 8, "Block.k": 2, "Block.h": 704, "train.context": 2048}
    bench = lambda file, width, values, *presets: moec_side.Program(f"tools/bench/models/{file}.moe", width, values, presets)
    step = lambda preset: moec_side.Program(small.file, small.vocabulary, small.overrides, [preset] if preset else [])
    cases = {
        "heavy ball, step of SMoE-small": (step(""), step("momentum"), small),
        "Adam, step of SMoE-small": (step(""), step("adam"), small),
        "heavy ball, 3 mixtures and norms": (bench("block", 128, block), bench("block", 128, block, "momentum"), None),
        "Adam, 3 mixtures and norms": (bench("block", 128, block), bench("block", 128, block, "adam"), None),
        "default outputs, step": (bench("default", 8192, language, "language_top"), bench("default", 8192, language, "language"), default),
        "default outputs, 6 mixtures and norms": (bench("default", 256, mixture, "top"), bench("default", 256, mixture), None),
    }
    rows = []
    for case, (plain, rule, model) in cases.items():
        if args.only not in case:
            continue
        make = lambda program: (moec_side.Steps(program.session(args.threads), model.blocks()) if model else moec_side.Layer(program.session(args.threads)))
        times = alternate({"plain": make(plain), "rule": make(rule)}, max(args.rounds, 30), 1)
        rows.append({"case": case, "times": times, "overhead": ratio(times, "rule", "plain"), "plain": interval(times["plain"])})
    lines = ["### What rules and default outputs cost", "", "| | without | overhead, median of pairs with 95 % interval | pairs |", "|---|---|---|---|"]
    lines += [f"| {r['case']} | {seconds(r['plain'])} | {percent(r['overhead'])} | {len(r['times']['rule'])} |" for r in rows]
    return rows, lines


def table_threads(args):
    rows = []
    for name in ("SMoE-small", "DefaultMoe"):
        model = steps.MODELS[name]
        sides = {f"{n}": moec_side.Steps(model.program().session(n), model.blocks()) for n in (1, args.threads)}
        before = model.program().count(args.threads)["machine"]
        times = alternate(sides, args.rounds, args.steps)
        machines = [before, model.program().count(args.threads)["machine"]]
        gain = max(m["all_threads"]["flop_per_s"] for m in machines) / max(m["one_thread"]["flop_per_s"] for m in machines)
        rows.append({"case": name, "times": times, "gain": ratio(times, "1", str(args.threads)), "multiply_add_gain": gain})
    lines = [f"### {args.threads} threads against one", "", "| step of | one thread takes so many times as long | pure multiply-adds |", "|---|---|---|"]
    lines += [f"| {r['case']} | {times_as(r['gain'])} | {r['multiply_add_gain']:.2f} |" for r in rows]
    return rows, lines


def table_start(args):
    """Whole processes, from their start to their end after one step."""
    program = moec_side.Program("models/quickstart.moe", 13_930, {"model.p": 0})
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        places = os.environ | {"XDG_CACHE_HOME": cache, "TORCHINDUCTOR_CACHE_DIR": cache + "/inductor"}
        first = lambda *flags: [sys.executable, str(HERE / "first_step.py"), "--threads", str(args.threads), *flags]
        commands = {"moec": program.command("--threads", args.threads, "--once"), "PyTorch eager": first()}
        if args.compile:
            commands["torch.compile"] = first("--compile")
        for name, command in commands.items():
            taken = []
            for _ in range(1 + args.rounds):
                begin = time.perf_counter()
                subprocess.run(command, env=places, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                taken.append(time.perf_counter() - begin)
            rows.append({"case": name, "cold": taken[0], "cached": interval(taken[1:])})
    lines = ["### From the start of a process to the end of its first step, quick-start model", "", "| | with empty caches | later starts |", "|---|---|---|"]
    lines += [f"| {r['case']} | {r['cold']:.2f} s | {seconds(r['cached'])} |" for r in rows]
    return rows, lines


TABLES = {"steps": table_steps, "layers": table_layers, "products": table_products, "overhead": table_overhead, "threads": table_threads, "start": table_start}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(TABLES)}; none: all")
    parser.add_argument("--list", action="store_true", help="the cases, without running them")
    parser.add_argument("--only", default="", metavar="TEXT", help="the case of this name, or else the cases whose name contains it")
    parser.add_argument("--rounds", type=int, default=7, help="7 if not given; the overhead table has 30 at least")
    parser.add_argument("--steps", type=int, default=3, help="timed steps of a side in a round, 3 if not given")
    parser.add_argument("--threads", type=int, default=2, help="2 if not given")
    parser.add_argument("--no-compile", dest="compile", action="store_false", help="leave torch.compile out: it takes minutes to compile")
    parser.add_argument("--out", metavar="DIR", help="write TABLE.md and TABLE.json there")
    args = parser.parse_args()
    if unknown := set(args.tables) - set(TABLES):
        parser.error(f"no table is called {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    if args.list:
        print("\n".join(["steps: " + ", ".join(steps.MODELS), *TABLES]))
        return
    torch.set_num_threads(args.threads)
    for name in args.tables or TABLES:
        rows, lines = TABLES[name](args)
        if not rows:
            sys.exit(f"the table {name} has no case whose name contains '{args.only}'")
        lines.append(f"\n{args.threads} threads, `--rounds {args.rounds} --steps {args.steps}`, PyTorch {torch.__version__}.\n")
        print("\n".join(lines), flush=True)
        if args.out:
            folder = Path(args.out)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.md").write_text("\n".join(lines))
            (folder / f"{name}.json").write_text(json.dumps({"threads": args.threads, "torch": torch.__version__, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
