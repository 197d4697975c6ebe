"""The language model of models/default-moe.moe in PyTorch: an expert that does not run for a token answers with the average of its outputs."""
import torch
import torch.nn.functional as F

from .experts import EXPERTS, Routing

# The parameters by role, as moec names them in a checkpoint.
LAYER = "layers.{i}.default_moe."
NAMES = {
    "embed": "embedding.w", "out.w": "linear.w", "out.b": "linear.bias", "norm.w": "layer_norm.scale", "norm.b": "layer_norm.shift",
    "n.w": "layers.{i}.layer_norm.scale", "n.b": "layers.{i}.layer_norm.shift", "router": LAYER + "linear.w",
    "gate": LAYER + "swi_glu.linear.w", "up": LAYER + "swi_glu.linear_2.w", "down": LAYER + "swi_glu.linear_3.w",
}


def default_moe(x, average, router, weights, k, beta=0.9, balance=0.01, product="split"):
    """x: [tokens, d]; average: [experts, d]. The output, the new average and the balance loss."""
    experts = router.shape[1]
    pi = (x @ router).softmax(-1)
    value, chosen = pi.topk(k, -1)
    r = Routing(chosen, experts, product)
    y = EXPERTS["swiglu"](r, r.rows(x), *weights)
    on = torch.zeros_like(pi).scatter_(1, chosen, 1)
    with torch.no_grad():
        score = value.flatten()[r.order]
        sums = torch.zeros_like(average).index_add_(0, chosen.flatten()[r.order], y * score[:, None])
        total = (pi * on).sum(0)[:, None]
        average = torch.where(total > 0, beta * average + (1 - beta) * sums / total, average)
    out = r.combine(y, value) + (pi * (1 - on)) @ average
    return out, average, balance * experts / k * (pi.mean(0) * on.mean(0)).sum()


class DefaultModel(torch.nn.Module):
    """`weights`: arrays by moec's names; `sizes`: k of the top."""

    TRANSPOSED = {NAMES["out.w"]}

    def __init__(self, weights, sizes, product="split"):
        super().__init__()
        self.p = torch.nn.ParameterDict(
            {name.replace(".", "/"): torch.nn.Parameter(torch.tensor(w.T if name in self.TRANSPOSED else w)) for name, w in weights.items()})
        self.sizes, self.product = sizes, product
        self.layers = sum(name.endswith(".default_moe.linear.w") for name in weights)

    def weight(self, role, i=None):
        return self.p[NAMES[role].replace("{i}", str(i)).replace(".", "/")]

    def loss(self, tokens, targets, averages):
        """Mean negative log-likelihood, the balance losses, the new averages."""
        x, balance, kept = F.embedding(tokens, self.weight("embed")), 0, []
        for i in range(self.layers):
            rows = F.layer_norm(x, x.shape[-1:], self.weight("n.w", i), self.weight("n.b", i)).view(-1, x.shape[-1])
            weights = [self.weight(role, i) for role in ("gate", "up", "down")]
            y, average, part = default_moe(rows, averages[i], self.weight("router", i), weights, self.sizes["k"], product=self.product)
            x, balance = x + y.view_as(x), balance + part
            kept.append(average)
        h = F.layer_norm(x, x.shape[-1:], self.weight("norm.w"), self.weight("norm.b"))
        logits = F.linear(h, self.weight("out.w"), self.weight("out.b"))
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten()), balance, kept

    def start(self, rows):
        experts, width = self.weight("gate", 0).shape[:2]
        return [torch.zeros(experts, width) for _ in range(self.layers)]
