"""arrays.py MODEL.moe: NumPy and PyTorch see the memory of the model."""
import gc
import sys

import numpy as np

import moe

model = moe.compile(sys.argv[1], vocabulary=20, presets=["heavy_ball"])
session = model.session(seed=1)
tokens = np.arange(15, dtype=np.int64).reshape(3, 5)
targets = (tokens + 1).astype(np.int32)
name = max(model.parameters, key=lambda n: np.prod(model.parameters[n]))

weight = session.param(name).numpy()
assert weight.shape == model.parameters[name] and weight.dtype == np.float32 and weight.flags.writeable
before = weight.copy()
losses = [session.step(tokens, targets) for _ in range(3)]
assert not np.array_equal(before, weight), "a view follows the steps"
again = session.param(name).numpy()
assert np.shares_memory(weight, again)

# What is written to a view is what the model computes with.
other = model.session(seed=2)
for parameter in model.parameters:
    other.param(parameter).numpy()[...] = session.param(parameter).numpy()
assert other.evaluate(tokens, targets) == session.evaluate(tokens, targets)
other.tensor("train", "input", "tokens").numpy()[...] = tokens
other.tensor("train", "input", "targets").numpy()[...] = targets
other.step()

logits = session.logits(tokens[:1]).numpy()
assert logits.shape == (1, 5, 20) and np.isfinite(logits).all()

# The views keep the memory of a session that is gone.
kept = weight.copy()
session.close()
del session
gc.collect()
assert np.array_equal(kept, weight)

import torch

tensor = torch.from_dlpack(other.param(name))
view = other.param(name).numpy()
assert tensor.data_ptr() == view.ctypes.data and tuple(tensor.shape) == view.shape
other.close()
del other, view
gc.collect()
tensor += 1
unused = model.session().param(name).__dlpack__()
del unused
gc.collect()

for bad, kind in ((np.array([0.5]), TypeError), (np.array([2**40]), ValueError), ([2**40], ValueError)):
    try:
        model.session().step(bad, bad)
        raise AssertionError(bad)
    except kind:
        pass
print("all checks passed")
