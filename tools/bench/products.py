"""A linear layer's three products: moec, OpenBLAS through NumPy, MKL and oneDNN through PyTorch."""
import ctypes
import glob
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import moec_side
from gate import require_close
from timing import Side


@dataclass
class Shape:
    tokens: int
    d: int
    out: int

    def program(self):
        return moec_side.Program("tools/bench/models/product.moe", self.out, {"train.context": self.tokens, "model.d": self.d})


class OpenBLAS(Side):
    def __init__(self, x, w, threads):
        self.x, self.w = x, w
        set_openblas_threads(threads)

    def step(self):
        y = self.x @ self.w
        self.dw, self.dx = self.x.T @ y, y @ self.w.T


class Torch(Side):
    """`torch.mm`: MKL where PyTorch was built with it."""

    def __init__(self, x, w):
        self.x, self.w = torch.tensor(x), torch.tensor(w)

    def step(self):
        y = self.x @ self.w
        self.dw, self.dx = self.x.T @ y, y @ self.w.T


class OneDNN(Side):
    """`linear` of oneDNN tensors with its own gradients; the weight is in the plain layout, as an optimiser wants it."""

    def __init__(self, x, w):
        self.x, self.w = torch.tensor(x).to_mkldnn(), torch.tensor(w.T.copy())

    def step(self):
        y = torch.ops.aten.mkldnn_linear(self.x, self.w, None)
        self.dx = torch.ops.aten.mkldnn_linear_backward_input(list(self.x.shape), y, self.w)
        self.dw, _ = torch.ops.aten.mkldnn_linear_backward_weights(y, self.x, self.w, False)


def set_openblas_threads(threads):
    """NumPy's wheel has an OpenBLAS of its own, with a prefix of its own."""
    for path in glob.glob(str(Path(np.__file__).parent.parent / "numpy.libs/*openblas*")):
        library = ctypes.CDLL(path)
        for name in ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads64_", "openblas_set_num_threads"):
            if hasattr(library, name):
                getattr(library, name)(threads)


def dense(value):
    return value if isinstance(value, np.ndarray) else (value.to_dense() if value.is_mkldnn else value).numpy()


def sides(shape, threads):
    session = shape.program().session(threads)
    x, w = session.param("x").numpy().copy(), session.param("linear.w").numpy().copy()
    found = {"moec": moec_side.Layer(session), "OpenBLAS": OpenBLAS(x, w, threads), "MKL": Torch(x, w), "oneDNN": OneDNN(x, w)}
    for side in found.values():
        side.step()
        side.rest()
    for name in ("OpenBLAS", "MKL", "oneDNN"):
        side = found[name]
        require_close(f"dx of {name}", session.grad("x").numpy(), dense(side.dx))
        require_close(f"dw of {name}", session.grad("linear.w").numpy(), dense(side.dw).T if name == "oneDNN" else dense(side.dw))
    return found


SHAPES = [Shape(2048, 128, 128), Shape(2048, 352, 352), Shape(4096, 512, 1408), Shape(512, 128, 20_000)]
