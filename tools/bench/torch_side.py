"""PyTorch's sides of the comparisons: eager and torch.compile."""
import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from timing import Side


class Steps(Side):
    """Training steps of a peer (peers/smoe.py, peers/default_moe.py) over blocks of ids [B, T + 1], as moec's AdamW without decay."""

    def __init__(self, net, blocks, lr, warmup, compiled=False):
        self.net, self.blocks, self.at, self.lr, self.warmup = net, torch.tensor(np.stack(blocks), dtype=torch.int64), 0, lr, warmup
        self.loss = torch.compile(net.loss) if compiled else net.loss
        self.optimizer = torch.optim.Adam(net.parameters(), lr=lr, betas=(0.9, 0.999), eps=1e-8, fused=True)
        self.state = net.start(len(blocks[0]))

    def held(self):
        """The tensors that are alive between steps."""
        return [*self.net.parameters(), *self.state, *(value for state in self.optimizer.state.values() for value in state.values())]

    def step(self):
        block = self.blocks[self.at % len(self.blocks)]
        self.at += 1
        self.optimizer.param_groups[0]["lr"] = self.lr * min(1, self.at / self.warmup)
        loss, extra, self.state = self.loss(block[:, :-1], block[:, 1:], self.state)
        (loss + extra).backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()


class Layer(Side):
    """Forward and backward of `function` of the tensors in `inputs`; the gradient of the output is the output."""

    def __init__(self, function, inputs, compiled=False):
        self.inputs = {name: torch.tensor(value, requires_grad=True) for name, value in inputs.items()}
        self.function = torch.compile(function) if compiled else function

    def held(self):
        return list(self.inputs.values())

    def step(self):
        y = self.function(**self.inputs)
        y.backward(y.detach())

    def rest(self):
        for value in self.inputs.values():
            value.grad = None


def live_peak(side):
    """Bytes alive at the peak of one step, as PyTorch's allocator counts them: what is held between steps and what the step allocates beside it."""
    side.rest()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        side.step()
    side.rest()
    now = peak = 0
    events = [e for e in recorded.profiler.kineto_results.events() if e.name() == "[memory]"]
    for event in sorted(events, key=lambda e: e.start_ns()):
        now += event.nbytes()
        peak = max(peak, now)
    return sum(tensor.untyped_storage().nbytes() for tensor in side.held()) + peak
