"""SMoE and MomentumSMoE language models in PyTorch: span attention, a momentum rule around a mixture of experts, norms after each.

The span attention uses the usual skew: one product of every query with all keys, one strided view of the band. The output layer has the layout of
`torch.nn.Linear` ([out, in]); the other matrices are [in, out].
"""
import torch
import torch.nn.functional as F

from .experts import top_k
from .rules import RULES

# The parameters by role, as moec names them in a checkpoint.
NAMES = {
    "embed": "embedding.w", "pe": "pe", "out.w": "linear.w", "out.b": "linear.bias",
    "q": "layers.{i}.span_attention.q.w", "k": "layers.{i}.span_attention.k.w", "v": "layers.{i}.span_attention.v.w",
    "o": "layers.{i}.span_attention.linear.w",
    "n1.w": "layers.{i}.layer_norm.scale", "n1.b": "layers.{i}.layer_norm.shift",
    "n2.w": "layers.{i}.layer_norm_2.scale", "n2.b": "layers.{i}.layer_norm_2.shift",
    "n3.w": "layers.{i}.layer_norm_3.scale", "n3.b": "layers.{i}.layer_norm_3.shift",
    "router.w": "layers.{i}.moe.router.s.w", "router.b": "layers.{i}.moe.router.s.bias",
    "w1": "layers.{i}.moe.expert.linear.w", "b1": "layers.{i}.moe.expert.linear.bias",
    "w2": "layers.{i}.moe.expert.linear_2.w", "b2": "layers.{i}.moe.expert.linear_2.bias",
    "mu": "layers.{i}.momentum.mu", "gamma": "layers.{i}.momentum.gamma",
}


def skew(x, span):
    """[n, T, S + T] scores of every position against memory and block -> [n, T, S]: the S positions before each."""
    n, steps, width = x.shape
    x = F.pad(x.reshape(n, steps * width), (0, steps)).view(n, steps, width + 1)
    return x[:, :, :span]


def unskew(x, width):
    """[n, T, S] -> [n, T, S + T] with row t shifted right by t; the transpose of skew."""
    n, steps, span = x.shape
    x = F.pad(x, (0, width + 1 - span)).reshape(n, steps * (width + 1))
    return x[:, : steps * width].view(n, steps, width)


class SMoE(torch.nn.Module):
    """`weights`: arrays by moec's names. `sizes`: n heads, S span, k of the top. `rule`: one of RULES or "learned".
    `chunked`: the logits of all tokens are never alive at once."""

    TRANSPOSED = {NAMES["out.w"]}

    def __init__(self, weights, sizes, rule="plain", product="split", chunked=False):
        super().__init__()
        self.p = torch.nn.ParameterDict(
            {name.replace(".", "/"): torch.nn.Parameter(torch.tensor(w.T if name in self.TRANSPOSED else w)) for name, w in weights.items()})
        self.sizes, self.rule, self.product, self.chunked = sizes, rule, product, chunked
        self.layers = sum(name.endswith("span_attention.q.w") for name in weights)

    def weight(self, role, i=None):
        return self.p[NAMES[role].replace("{i}", str(i)).replace(".", "/")]

    def norm(self, x, which, i):
        return F.layer_norm(x, x.shape[-1:], self.weight(which + ".w", i), self.weight(which + ".b", i))

    def attention(self, h, mem, i):
        b, t, d = h.shape
        n, s = self.sizes["n"], self.sizes["S"]
        c = d // n
        split = lambda x: x.view(b, -1, n, c).transpose(1, 2).reshape(b * n, -1, c)
        past = torch.cat([mem, h], 1)
        q, k, v = split(h @ self.weight("q", i)), split(past @ self.weight("k", i)), split(past @ self.weight("v", i))
        score = skew(q @ k.transpose(1, 2), s) + q @ self.weight("pe")
        o = unskew(F.softmax(score / c**0.5, -1), s + t) @ v
        return o.view(b, n, t, c).transpose(1, 2).reshape(b, t, d) @ self.weight("o", i)

    def moe(self, x, i):
        weights = [self.weight(role, i) for role in ("w1", "b1", "w2", "b2")]
        rows = x.reshape(-1, x.shape[-1])
        return top_k(rows, self.weight("router.w", i), self.weight("router.b", i), self.sizes["k"], "mlp", weights, self.product).view_as(x)

    def apply_rule(self, i, x, f, carry):
        if self.rule == "learned":
            return RULES["heavy_ball"](i, x, f, carry, self.weight("mu", i), self.weight("gamma", i))
        return RULES[self.rule](i, x, f, carry)

    def hidden(self, tokens, memory):
        """What the output layer reads, [B, T, d], and the memory for the next block; `memory`: [B, S, d] a layer."""
        h, carry, kept = F.embedding(tokens, self.weight("embed")), {}, []
        for i in range(self.layers):
            a = self.attention(h, memory[i], i)
            kept.append(torch.cat([memory[i], h], 1)[:, -self.sizes["S"] :].detach())
            h = self.norm(h + a, "n1", i)
            s = self.norm(self.apply_rule(i, h, lambda x: self.moe(x, i), carry), "n2", i)
            h = self.norm(h + s, "n3", i)
        return h, kept

    def forward(self, tokens, memory):
        """Logits [B, T, V] and the memory for the next block."""
        h, kept = self.hidden(tokens, memory)
        return F.linear(h, self.weight("out.w"), self.weight("out.b")), kept

    def loss(self, tokens, targets, memory):
        """Mean negative log-likelihood, what is minimised beside it (nothing), and the next memory."""
        h, kept = self.hidden(tokens, memory)
        options = torch.nn.LinearCrossEntropyOptions() if self.chunked else None
        loss = F.linear_cross_entropy(h.flatten(0, 1), self.weight("out.w"), targets.flatten(), linear_bias=self.weight("out.b"), options=options)
        return loss, 0, kept

    def start(self, rows):
        return [torch.zeros(rows, self.sizes["S"], self.weight("pe").shape[0] * self.sizes["n"]) for _ in range(self.layers)]
