"""A mixture of experts over tokens in PyTorch, as a competent user writes it.

Tokens are sorted by expert once; each expert multiplies its own slice of rows (`split`), or all do in one call of `grouped_mm` (`grouped`). Weights are
[experts, in, out]; slices come from `unbind`, whose gradients are stacked once. Rows move by `index_select` both ways, and the inverse permutation brings
the k rows of a token together, so that no gradient adds up through an index.
"""
import torch
import torch.nn.functional as F


class Routing:
    """Where rows go: `chosen` [tokens, k] holds expert numbers."""

    def __init__(self, chosen, experts, product):
        flat = chosen.flatten()
        self.tokens, self.k = chosen.shape
        self.order = flat.argsort(stable=True)
        self.inverse = torch.empty_like(self.order).scatter_(0, self.order, torch.arange(len(flat)))
        self.token = self.order // self.k
        self.product = product
        if product == "split":
            self.counts = flat.bincount(minlength=experts).tolist()
        else:
            self.expert = flat[self.order]
            # A sum over comparisons, not bincount, whose size torch.compile cannot know.
            self.offsets = (flat[:, None] == torch.arange(experts)).sum(0).cumsum(0).to(torch.int32)

    def rows(self, x):
        """[tokens, d] -> [tokens * k, d], by expert."""
        return x.index_select(0, self.token)

    def combine(self, y, weight):
        """Rows by expert and weights [tokens, k] -> [tokens, d]."""
        return (y.index_select(0, self.inverse).view(self.tokens, self.k, -1) * weight[..., None]).sum(1)


def mlp(r, rows, w1, b1, w2, b2):
    """linear, relu, linear, with biases."""
    if r.product == "split":
        experts = zip(rows.split(r.counts), *(w.unbind(0) for w in (w1, b1, w2, b2)))
        return torch.cat([torch.addmm(e2, F.relu(torch.addmm(e1, part, m1)), m2) for part, m1, e1, m2, e2 in experts])
    hidden = F.relu(F.grouped_mm(rows, w1, offs=r.offsets) + b1.index_select(0, r.expert))
    return F.grouped_mm(hidden, w2, offs=r.offsets) + b2.index_select(0, r.expert)


def swiglu(r, rows, gate, up, down):
    """(silu(x gate) * (x up)) down, without biases."""
    if r.product == "split":
        experts = zip(rows.split(r.counts), *(w.unbind(0) for w in (gate, up, down)))
        return torch.cat([(F.silu(part @ g) * (part @ u)) @ d for part, g, u, d in experts])
    hidden = F.silu(F.grouped_mm(rows, gate, offs=r.offsets)) * F.grouped_mm(rows, up, offs=r.offsets)
    return F.grouped_mm(hidden, down, offs=r.offsets)


EXPERTS = {"mlp": mlp, "swiglu": swiglu}


def top_k(x, router, bias, k, expert, weights, product):
    """The k largest logits of each token, weighted by the softmax over them; x: [tokens, d]."""
    value, chosen = torch.addmm(bias, x, router).topk(k, -1)
    r = Routing(chosen, router.shape[1], product)
    return r.combine(EXPERTS[expert](r, r.rows(x), *weights), value.softmax(-1))
