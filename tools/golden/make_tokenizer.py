#!/usr/bin/env python3
"""Byte-level tokenizers and the ids that the library `tokenizers` gives a mixed text with them.

  make_tokenizer.py fixture                            writes test/Training/Inputs/tokenizers.json
  make_tokenizer.py compare MOE_TOKENIZE DIR [BYTES]   trains four on DIR/train.txt, encodes that and 1.2 MB (or BYTES) of mixed text with both, says
                                                       whether all ids are equal and how long each took on one thread

Needs the packages `tokenizers` and `numpy`; the build does not, and of the tests only test/Training/tokenizers.test.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unicodedata

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import numpy as np  # noqa: E402
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
LLAMA = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def train(tokenizer, texts, size, special):
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def gpt2(texts, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return train(tokenizer, texts, size, ["<|endoftext|>"])


def llama3(texts, size):
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(LLAMA), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return train(tokenizer, texts, size, ["<|begin_of_text|>", "<|end_of_text|>"])


def neox(texts, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    train(tokenizer, texts, size, ["<|endoftext|>", "<|padding|>"])
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(8, 1, -1)])
    tokenizer.add_tokens([AddedToken("[\u00e9]", normalized=True), AddedToken("<mask>", lstrip=True, special=True), AddedToken("<r>", rstrip=True),
                          AddedToken("word", single_word=True, normalized=False)])
    return tokenizer


def digits(texts, size):
    """Nothing real: what the three do not have."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Split("-", "removed"), pre_tokenizers.Split(Regex(r"[A-Z]+"), "merged_with_next"),
        pre_tokenizers.Split(Regex(r"[!?]"), "merged_with_previous"), pre_tokenizers.Split(Regex(r"\p{Han}"), "contiguous"),
        pre_tokenizers.ByteLevel(add_prefix_space=True)])
    return train(tokenizer, texts, size, ["</s>"])


MAKERS = {"gpt2": gpt2, "llama3": llama3, "neox": neox, "digits": digits}


def span(first, end):
    return [chr(c) for c in range(first, end)]


def mixed_text(size, seed):
    """Prose, code, scripts, emoji, control characters, blanks, digits, added tokens; only characters that Unicode 14 knows."""
    rng = random.Random(seed)
    known = [c for c in span(0, 0x110000) if not 0xD800 <= ord(c) < 0xE000 and unicodedata.category(c) != "Cn"]
    pools = {
        "cjk": span(0x4E00, 0x9FFF), "kana": span(0x3041, 0x30FF), "hangul": span(0xAC00, 0xD7A4), "jamo": span(0x1100, 0x1200),
        "hebrew": span(0x5D0, 0x5EB) + span(0x591, 0x5C8), "arabic": span(0x620, 0x66A), "devanagari": span(0x900, 0x980),
        "combining": list("aeioucnsAEIOU") + span(0x300, 0x370), "latin": span(0xC0, 0x250) + span(0x1E00, 0x1F00), "greek": span(0x370, 0x378),
        "emoji": span(0x1F300, 0x1F650) + ["\u200d", "\ufe0f", "\U0001F3FB", "\U0001F469\u200d\U0001F4BB", "\U0001F3F3\ufe0f\u200d\U0001F308"],
        "control": span(0, 32) + span(0x7F, 0xA0) + ["\u200b", "\u2028", "\u2029", "\ufeff", "\u180e", "\u00ad"],
        "blank": list(" " * 8 + "\n\n\n\r\t\u00a0\u3000\u2003\u0085\v\f"), "digit": [c for c in known if unicodedata.category(c)[0] == "N"],
        "sign": [c for c in known if unicodedata.category(c)[0] in "PS"], "any": known}
    added = ["<|endoftext|>", "<|end_of_text|>", "<|padding|>", " <mask> ", "  <mask>", "<r>  x", "<r>\n\n y", "word", "sword word words", "[\u00e9]",
             "[e\u0301]", "[\u00e9", "<|endoftext", "</s>", "'s", "'LL", "'\u017f", "'S", "'re'VE", "A-BCd!?!x", "\u4e00\u4e01a"]
    prose = (ROOT / "docs" / "language.md").read_text()
    code = (ROOT / "lib" / "Training" / "Vocabulary.cpp").read_text()
    parts, have = [], 0
    while have < size:
        kind = rng.random()
        if kind < .45:
            source = prose if kind < .25 else code
            at = rng.randrange(len(source))
            part = source[at:at + rng.randrange(min(2000, size))]
        elif kind < .8:
            part = "".join("".join(rng.choice(pools[p]) for _ in range(rng.randrange(1, 40))) + rng.choice(["", " ", "\n", "  "])
                           for p in rng.choices(list(pools), k=rng.randrange(1, 12)))
        elif kind < .86:
            part = rng.choice([" ", "\n", "\t", "=", "-", "a", "\r\n", "\u3000", "\u3042", "0"]) * rng.choice([1, 2, 3, 7, 30, 500])
        elif kind < .93:
            part = "".join(rng.choice(added) + rng.choice(["", "", " ", "x", "\n"]) for _ in range(rng.randrange(1, 8)))
        else:
            part = " ".join(str(rng.randrange(10**rng.randrange(1, 12))) for _ in range(rng.randrange(1, 20)))
        parts.append(part)
        have += len(part.encode())
    return "".join(parts)


def fixture():
    sentences = ["The router sends every token to its experts.", "It's what they've said: 'we'll do', isn't it?", "    return x[i] + 12345;\n",
                 "na\u00efve caf\u00e9 \u4f60\u597d \u4e16\u754c \u043f\u0440\u0438\u0432\u0435\u0442 \u05e9\u05dc\u05d5\u05dd"]
    text = mixed_text(4500, 3)
    cases = []
    for name, make in MAKERS.items():
        tokenizer = make(sentences * 20, 320)
        file = json.loads(tokenizer.to_str())
        cases.append({"name": name, "tokenizer": file, "ids": tokenizer.encode(text, add_special_tokens=False).ids})
    cases[0]["tokenizer"]["model"]["merges"] = [" ".join(pair) for pair in cases[0]["tokenizer"]["model"]["merges"]]
    path = ROOT / "test" / "Training" / "Inputs" / "tokenizers.json"
    path.write_text(json.dumps({"text": text, "cases": cases}, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(path, path.stat().st_size, "bytes")


def compare(tool, folder, text_size=1_200_000, size=8000):
    texts = (pathlib.Path(folder) / "train.txt").read_text().splitlines(keepends=True)
    mixed, failed = mixed_text(text_size, 7), False
    with tempfile.TemporaryDirectory() as scratch:
        for name, make in MAKERS.items():
            tokenizer = make(texts, size)
            path = f"{scratch}/{name}.json"
            tokenizer.save(path)
            for what, text in {"mixed": mixed, "prose": "".join(texts)}.items():
                begin = time.perf_counter()
                expected = np.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.int32)
                took = time.perf_counter() - begin
                result = subprocess.run([tool, path], input=text.encode(), capture_output=True, check=True)
                found = np.frombuffer(result.stdout, dtype=np.int32)
                good = np.array_equal(expected, found)
                failed = failed or not good
                own = float(result.stderr.split()[4])
                megabytes = len(text.encode()) / 1e6
                print(f"{name} {what}: {len(expected)} ids of {megabytes:.2f} MB {'equal' if good else 'DIFFER'}; "
                      f"{megabytes / own:.1f} MB/s, the library {megabytes / took:.1f} MB/s")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["fixture"]:
        fixture()
    elif len(sys.argv) in (4, 5) and sys.argv[1] == "compare":
        sys.exit(compare(*sys.argv[2:4], *map(int, sys.argv[4:])))
    else:
        sys.exit(__doc__)
