"""plain.py MODEL.moe FOLDER: the wrapper with ctypes alone. FOLDER holds data/, and run/: 20 steps of seed 3 by moec."""
import json
import math
import sys

import moe

assert "numpy" not in sys.modules
path, folder = sys.argv[1:]
expected = [json.loads(line)["loss"] for line in open(folder + "/run/metrics.jsonl") if '"loss"' in line]


def refused(status, text, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except moe.Error as error:
        assert error.status == status and text in str(error), (error.status, str(error))
        return error
    raise AssertionError(f"no error: {text}")


# Programs that are wrong: text with caret, and the messages with their places.
error = refused(1, "^", moe.compile, source="model LM(V: dim)(tok: id[B,T]) -> [B,T,V] {\n  return lineer(V)(tok)\n}\n", vocabulary=8)
assert error.messages[0].line == 2 and error.messages[0].severity == "error" and "lineer" in error.messages[0].text, error.messages
refused(1, "there is no such data folder", moe.compile, path, data=folder + "/nowhere")

# A trainer, step by step, is moec train; so is a session that is fed by hand.
model = moe.compile(path, data=folder + "/data", presets="heavy_ball", overrides={"train.steps": 20, "train.checkpoint_every": 10},
                    cache=folder + "/cache")
trainer = model.train(out=folder + "/again", seed=3)
seen = [step.loss for step in trainer]
assert seen == expected and len(seen) == 20, (seen, expected)
assert trainer.position == (20, 20) and trainer.validation.blocks > 0
assert f"{trainer.validation.perplexity:.2f}" in open(folder + "/valid").read()
assert trainer.metric("lr") > 0 and trainer.metric("grad_norm") > 0
assert list(trainer) == []

session = model.session(seed=3, threads=1)
ids, batch, context = list(model.text.ids("train")), 3, 5
length = len(ids) // batch
for step in range(20):
    at = [[row * length + step * context + t for t in range(context)] for row in range(batch)]
    loss = session.step([[ids[i] for i in row] for row in at], [[ids[i + 1] for i in row] for row in at])
    assert loss == expected[step], (step, loss, expected[step])
assert session.step_count == 20
print(len(seen) + 20, "losses as moec's")

# The two have the same parameters, bit for bit, and tensors outlive their owners.
name, shape = next(iter(model.parameters.items()))
mine, theirs = session.param(name), trainer.tensor("param", name)
assert mine.shape == shape and mine.tolist() == theirs.tolist() and mine.dtype == "float32"
assert session.grad(name).memory().tolist() == trainer.tensor("grad", name).memory().tolist()
before = mine.tolist()
session.close()
assert mine.tolist() == before
refused(2, "NULL", session.step)

# Ids outside the vocabulary, and other misuse, are refused before anything runs.
session = model.session(seed=3, threads=1)
refused(1, "tokens[4] is 99, expected an id from 0 to 19", session.step, [0, 1, 2, 3, 99] + [0] * 10, [0] * 15)
refused(2, "1 tokens were given, the input has 15", session.step, [0], [0])
refused(2, "the update comes after 1 micro-batches, 0 have been run", session.update)
refused(2, "@train has no param 'nothing'", session.param, "nothing")
session.tensor("train", "input", "targets").memory()[7] = -5
refused(1, "targets[1, 2] is -5", session.step)
assert session.step_count == 0

# Checkpoints go from a run to a session and back; a damaged one is refused and changes nothing.
session.load(folder + "/run/checkpoints/step-00000010.safetensors")
assert session.step_count == 10
session.save(folder + "/mine.safetensors")
held = session.param(name).tolist()
damaged = bytearray(open(folder + "/mine.safetensors", "rb").read())
damaged[-1] ^= 1
open(folder + "/damaged.safetensors", "wb").write(damaged)
refused(1, "damaged.safetensors", session.load, folder + "/damaged.safetensors")
assert session.param(name).tolist() == held

# A run is opened, evaluated and continued with words; then it goes on.
run = moe.open_run(folder + "/run")
valid = run.evaluate(folder + "/data", "valid")
assert f"{valid.perplexity:.2f}" in open(folder + "/valid").read()
text = open(folder + "/data/valid.txt", "rb").read()
tokens = sum(len(line.split()) + 1 for line in text.splitlines())
assert abs(valid.bits_per_byte - valid.loss / math.log(2) * tokens / len(text)) < 1e-9 and "bits_per_byte=" in repr(valid), valid
assert run.generate("a router", tokens=4, seed=5).strip()
assert trainer.generate("a router", tokens=4, seed=5) == run.generate("a router", tokens=4, seed=5)
refused(1, "this run is being trained", moe.resume, folder + "/again")
trainer.close()
del theirs  # a tensor keeps the trainer, and with it the lock
longer = moe.resume(folder + "/again", steps=22, cache=folder + "/cache")
assert [step.step for step in longer] == [21, 22]
longer.close()

# Ids of the host instead of words.
model = moe.compile(path, vocabulary=11, overrides=["train.steps=3", "train.batch=2"])
ids = [(7 * i) % 11 for i in range(200)]
trainer = model.train(train=ids, valid=ids[:60])
assert [step.step for step in trainer] == [1, 2, 3]
assert trainer.validation.bits_per_byte is None and "bits_per_byte" not in repr(trainer.validation)
assert trainer.generate("3 10", tokens=2).replace(" ", "").isdigit()
refused(1, "id 2 is 11, expected one from 0 to 10", model.train, train=[0, 1, 11], valid=ids)
# Ctrl-C in the middle of a loop leaves a trainer that goes on.
trainer = model.train(train=ids, valid=ids[:60])
try:
    for step in trainer:
        raise KeyboardInterrupt
except KeyboardInterrupt:
    assert [step.step for step in trainer] == [2, 3]
print("all checks passed")
