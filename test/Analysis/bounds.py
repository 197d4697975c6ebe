"""Stable sets of moec analyze against bounds derived by hand, to 1e-6 of the bound."""
import json
import subprocess
import sys

models = sys.argv[1]
checked = 0


def stable(rule, use=0, file="momentum.moe", preset=None):
    """The stable sets of sigma and, where there is a gamma, gamma*sigma."""
    command = ["moec", "analyze", f"{models}/{file}", "--stability", "--json"]
    command += ["--preset", preset] if preset else ["--set", f"model.R={rule}"]
    rules = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["rules"]
    return rules[use]["stable"]


def expect(name, found, expected):
    global checked
    if isinstance(found, dict):
        found = found["sigma"]
    close = len(found) == len(expected) and all(
        abs(a - b) <= 1e-6 * max(abs(b), 1e-3) for f, e in zip(found, expected) for a, b in zip(f, e))
    if not close:
        sys.exit(f"{name}: found {found}, expected {expected}")
    checked += 1


def unstable_from(radius, low, high):
    """Where a spectral radius that grows along [low, high] reaches 1."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if radius(middle) < 1 else (low, middle)
    return high


def radius2(a, b, c, d):
    """Spectral radius of [[a, b], [c, d]]."""
    half, determinant = (a + d) / 2, a * d - b * c
    root = half * half - determinant
    return abs(half) + root**0.5 if root >= 0 else determinant**0.5


# Lemma 1: mu in (-1, 1) and gamma*sigma in (0, 2 + 2 mu). Neither end of mu is stable for any step.
for mu in (-1, -0.999, 0, 0.7, 0.999, 1, 1.5):
    for gamma in (1, 30, -2):
        bound = 2 + 2 * mu
        inside = [[0, bound]] if -1 < mu < 1 else []
        rule = f"HeavyBall(mu={mu},gamma={gamma})"
        found = stable(rule)
        expect(rule, found["gamma_sigma"], inside)
        expect(rule, found, [sorted(end / gamma for end in interval) for interval in inside])
expect("Learned", stable("Learned(mu0=.25, gamma0=.5)"), [[0, 5]])

# x + f(x): |1 + sigma| < 1.
expect("quickstart", stable("", file="quickstart.moe", preset="smoe"), [[-2, 0]])

# Nesterov: the eigenvalue -1 is reached first, at 2 (1 + mu) / (1 + 2 mu) for mu > 0.
for mu in (0, 0.95):
    expect(f"Nesterov {mu}", stable(f"Nesterov(mu={mu})"), [[0, 2 * (1 + mu) / (1 + 2 * mu)]])

# Robust, from the equations of the paper.
for k, rho, L in ((4, 0.6, 2), (4, 0.7, 1), (10, 0.8, 3)):
    g = k * (1 - rho)**2 * (1 + rho) / L
    mu = k * rho**3 / (k - 1)
    a = rho**3 / ((k - 1) * (1 - rho)**2 * (1 + rho))
    high = unstable_from(lambda s: radius2(1 - g * s, g * (mu - a * g * s), -s, mu - a * g * s), 1e-6, 100)
    expect(f"Robust {k}", stable(f"Robust(k={k},rho={rho},L={L})"), [[0, high]])

# AdamSMoE, first layer: the eigenvalues are 0, mu, b2 and b1 - g1 (1 - b1) sigma / sqrt(1e-8); heavy ball after it.
for g1 in (1, 0.8):
    step = g1 * 0.1 * 1e4
    rule = f"AdamSMoE(g1={g1})"
    expect(rule, stable(rule), [[-0.1 / step, 1.9 / step]])
    expect(rule, stable(rule, use=1), [[0, 3.4]])

print(f"{checked} stable sets as derived by hand")
