"""SMoE and MomentumSMoE language models in eager PyTorch, as a competent user writes them: the peer of tools/bench/step.py.

The span attention uses the usual skew (one banded product, one strided view), the MoE layer sorts tokens by expert and multiplies each expert's
rows once. Weights are given by name in the form in which moec stores them ([in, out] matrices).
"""
import torch
import torch.nn.functional as F


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
    def __init__(self, weights, layers, heads, span, experts, top, rule, names):
        super().__init__()
        self.p = torch.nn.ParameterDict({k.replace(".", "/"): torch.nn.Parameter(v) for k, v in weights.items()})
        self.layers, self.heads, self.span, self.experts, self.top, self.rule, self.names = layers, heads, span, experts, top, rule, names

    def weight(self, role, layer=None):
        return self.p[self.names(role, layer).replace(".", "/")]

    def norm(self, x, which, i):
        return F.layer_norm(x, x.shape[-1:], self.weight(which + ".scale", i), self.weight(which + ".shift", i))

    def attention(self, h, mem, i):
        b, t, d = h.shape
        n, c, s = self.heads, d // self.heads, self.span
        split = lambda x: x.view(b, -1, n, c).transpose(1, 2).reshape(b * n, -1, c)
        past = torch.cat([mem, h], 1)
        q, k, v = split(h @ self.weight("q", i)), split(past @ self.weight("k", i)), split(past @ self.weight("v", i))
        score = skew(q @ k.transpose(1, 2), s) + q @ self.weight("pe")
        w = F.softmax(score / c**0.5, -1)
        o = unskew(w, s + t) @ v
        return o.view(b, n, t, c).transpose(1, 2).reshape(b, t, d) @ self.weight("o", i)

    def moe(self, x, i):
        rows = x.reshape(-1, x.shape[-1])
        value, chosen = (rows @ self.weight("router.w", i) + self.weight("router.b", i)).topk(self.top, -1)
        gate = value.softmax(-1).flatten()
        order = chosen.flatten().argsort(stable=True)
        token = order // self.top
        counts = chosen.flatten().bincount(minlength=self.experts).tolist()
        w1, b1, w2, b2 = (self.weight(r, i).unbind(0) for r in ("w1", "b1", "w2", "b2"))
        parts = [torch.addmm(b2[e], F.relu(torch.addmm(b1[e], part, w1[e])), w2[e])
                 for e, part in enumerate(rows[token].split(counts))]
        return torch.zeros_like(rows).index_add(0, token, torch.cat(parts) * gate[order, None]).view_as(x)

    def forward(self, tokens, memory):
        h, m, kept = F.embedding(tokens, self.weight("embed")), 0, []
        for i in range(self.layers):
            a = self.attention(h, memory[i], i)
            kept.append(torch.cat([memory[i], h], 1)[:, -self.span :].detach())
            h = self.norm(h + a, "n1", i)
            y = self.moe(h, i)
            if self.rule == "momentum":
                m = 0.7 * m + y
                s = self.norm(h - m, "n2", i)
            else:
                s = self.norm(h + y, "n2", i)
            h = self.norm(h + s, "n3", i)
        return h @ self.weight("out.w") + self.weight("out.b"), kept

    def start(self, rows, width):
        return [torch.zeros(rows, self.span, width) for _ in range(self.layers)]
