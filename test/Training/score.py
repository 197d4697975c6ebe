"""score.py FOLDER: trains a small model, scores the validation text as one continuation, and compares with the perplexity of `moec eval`; then the
same with a byte-level tokenizer, whose run needs nothing of the data folder to evaluate and generate."""
import json
import math
import pathlib
import random
import subprocess
import sys

here, folder = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[1])
models = here.parents[1] / "models"
subprocess.run([sys.executable, here.parent / "Tools/Inputs/make-text.py", folder / "data"], check=True)
fixture = json.loads((here / "Inputs/tokenizers.json").read_text())
(folder / "data/tokenizer.json").write_text(json.dumps(fixture["cases"][0]["tokenizer"]))


def moec(*arguments):
    return subprocess.run(["moec", *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout


def compare(run, context, continuation):
    """The text begins with one token that is no target; eval leaves out what does not fill a block, so the continuation must end there."""
    items = folder / "items.jsonl"
    items.write_text(json.dumps({"context": context, "continuation": continuation}) + "\n")
    found = json.loads(moec("score", run, items))
    evaluated = json.loads(moec("eval", run, "--data", folder / "data", "--split", "valid", "--batch", 1, "--json"))
    assert found["tokens"] == evaluated["tokens"], (found, evaluated)
    expected = -evaluated["loss"] * evaluated["tokens"]
    assert math.isclose(found["log_likelihood"], expected, rel_tol=1e-5), (found, expected)


def train(run, *more):
    moec("train", models / "momentum.moe", "--preset", "heavy_ball", "--data", folder / "data", "--out", run, "--steps", 20, *more)


# Blocks of 5 positions: 60 lines of 6 tokens each, the first token read alone; 355 targets fit.
train(folder / "words")
lines = (folder / "data/valid.txt").read_text().splitlines()
words = [word for line in lines for word in line.split() + ["\n"]]
first, rest = words[0], words[1:1 + (len(words) - 1) // 5 * 5]
compare(folder / "words", first, "".join(word if word == "\n" else " " + word for word in rest))
choice = random.Random(3)
(folder / "many.jsonl").write_text("".join(
    json.dumps({"context": " ".join(words[i:i + choice.randrange(0, 20)]), "choices": [" " + " ".join(choice.choices(words, k=n)) for n in (1, 3, 8)], "answer": 0}) + "\n"
    for i in range(40)))
print("words: scores add up to the loss")

train(folder / "bpe", "--set", "train.data=text(tokens=bpe)")
(folder / "data/tokenizer.json").unlink()
assert (folder / "bpe/tokenizer.json").exists()
evaluated = json.loads(moec("eval", folder / "bpe", "--split", "valid", "--json"))
assert evaluated["unknown_share"] == 0 and evaluated["perplexity"] < 320, evaluated
text = moec("generate", folder / "bpe", "--prompt", "a router", "--tokens", 20, "--temperature", 0)
assert text.startswith("a router"), text
print("bpe: the run carries its tokenizer")
