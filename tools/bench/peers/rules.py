"""The momentum rules of models/momentum.moe: x' from the round i, x, the layer f and the carry c, a dict that is empty before the first layer."""
import torch


def plain(i, x, f, c):
    return x + f(x)


def heavy_ball(i, x, f, c, mu=0.7, gamma=1.0):
    c["m"] = mu * c["m"] + gamma * f(x) if c else gamma * f(x)
    return x - c["m"]


def adam(i, x, f, c, mu=0.7, gamma=1.0, g1=1.0, b1=0.9, b2=0.999):
    y = f(x)
    if i > 0:
        c["m"] = mu * c["m"] + gamma * y
        return x - c["m"]
    c["m"] = gamma * y
    return x - (g1 * ((1 - b1) * y) / torch.sqrt((1 - b2) * y * y + 1e-8) + x)


def robust(i, x, f, c, k=4.0, rho=0.6, L=2.0):
    g = k * (1 - rho) ** 2 * (1 + rho) / L
    a = rho**3 / ((k - 1) * (1 - rho) ** 2 * (1 + rho))
    c["m"] = k * rho**3 / (k - 1) * c["m"] - f(x + a * g * c["m"]) if c else -f(x)
    return x + g * c["m"]


def sam(i, x, f, c, r=0.05):
    y = f(x)
    return x + f(x + r * y / y.norm(dim=-1, keepdim=True))


def nesterov(i, x, f, c, mu=0.7, gamma=1.0):
    c["m"] = mu * c["m"] + gamma * f(x - mu * c["m"]) if c else gamma * f(x)
    return x - c["m"]


RULES = {"plain": plain, "heavy_ball": heavy_ball, "adam": adam, "robust": robust, "sam": sam, "nesterov": nesterov}
