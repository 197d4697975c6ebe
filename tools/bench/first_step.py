#!/usr/bin/env python3
"""The quick-start model's first step in PyTorch, as a process of its own: run.py measures it from start to end."""
import argparse

import torch

from peers.smoe import NAMES, SMoE

WORDS, D, N, L, S, E, ROWS, CONTEXT = 13_930, 128, 4, 2, 64, 8, 16, 64


def random_weights():
    shapes = {"embed": (WORDS, D), "pe": (D // N, S), "out.w": (D, WORDS), "out.b": (WORDS,)}
    layer = {role: (D, D) for role in "qkvo"} | {f"n{k}.{part}": (D,) for k in (1, 2, 3) for part in "wb"}
    layer |= {"router.w": (D, E), "router.b": (E,), "w1": (E, D, D), "b1": (E, D), "w2": (E, D, D), "b2": (E, D)}
    shapes = {NAMES[role]: shape for role, shape in shapes.items()}
    shapes |= {NAMES[role].replace("{i}", str(i)): shape for i in range(L) for role, shape in layer.items()}
    return {name: (torch.rand(shape) - 0.5).numpy() * 0.2 for name, shape in shapes.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    net = SMoE(random_weights(), {"n": N, "S": S, "k": 2}, "heavy_ball", "grouped" if args.compile else "split")
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3, fused=True)
    loss_of = torch.compile(net.loss) if args.compile else net.loss
    block = torch.randint(WORDS, (ROWS, CONTEXT + 1))
    loss_of(block[:, :-1], block[:, 1:], net.start(ROWS))[0].backward()
    optimizer.step()


if __name__ == "__main__":
    main()
