"""attacked.py FOLDER: what moec eval said of a clean and of an attacked text, and the attacked text itself."""
import json
import math
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
read = lambda name: json.loads((folder / f"{name}.json").read_text())
other, both, inputs, one, clean, train = map(read, ["other", "both", "inputs", "one", "clean", "train"])

# Clean figures do not know of the attack; the attacked text is a text like another.
for figures in both, inputs:
    assert figures["loss"] == clean["loss"] and figures["split"] == "test", figures
attack = both["attack"]
assert attack["loss"] == other["loss"] and attack["unigram_perplexity"] == other["unigram_perplexity"], (attack, other)
text = (folder / "data/test.txt").read_text().split()
meaning = sum(word not in ("a", "the", ".") for word in text)
assert (attack["words"], attack["candidates"], attack["swapped"]) == (240, meaning, 60), attack
assert attack["realised_rate"] == 0.25 and attack["on"] == "inputs+targets" and attack["seed"] == 5
# Targets that never occur are worst; inputs alone still cost something.
assert clean["loss"] < inputs["attack"]["loss"] < attack["loss"], (clean, inputs, attack)
assert inputs["attack"]["unigram_perplexity"] == clean["unigram_perplexity"], inputs

# Bits a byte: the loss of all tokens over all bytes, blanks and line ends too.
def bits(loss, name):
    content = (folder / name).read_bytes()
    return loss / math.log(2) * (len(content.split()) + content.count(b"\n")) / len(content)


assert math.isclose(clean["bits_per_byte"], bits(clean["loss"], "data/test.txt"), rel_tol=1e-9), clean
assert math.isclose(attack["bits_per_byte"], bits(attack["loss"], "attacked.txt"), rel_tol=1e-9), attack
assert math.isclose(inputs["attack"]["bits_per_byte"], bits(inputs["attack"]["loss"], "data/test.txt"), rel_tol=1e-9), inputs

lines = list(zip((folder / "data/test.txt").read_text().splitlines(), (folder / "attacked.txt").read_text().splitlines(), strict=True))
for before, after in lines:
    changed = [(x, y) for x, y in zip(before.split(), after.split(), strict=True) if x != y]
    assert len(changed) == 1 and changed[0][1] == "AAA" and changed[0][0] not in ("a", "the", "."), (before, after)

# One row leaves out less, and is another cut of the same text.
assert one["rows"] == 1 and one["tokens"] >= clean["tokens"] and abs(one["loss"] - clean["loss"]) < 0.5, (one, clean)
assert train["split"] == "train" and train["tokens"] > clean["tokens"], train
