#!/usr/bin/env python3
"""Runs the examples of a Markdown page.

  extract.py PAGE.md FOLDER [--run COMMAND...]

Every block fenced as ```moe is written to FOLDER and given to COMMAND (default: moec check). It must be accepted, or be refused
with exactly the errors that it announces:

  y = f(z)      # error: unknown name 'z'

A block with a model is a whole file. Anything else is put into a small model, as the HTML comment before the block says:

  <!-- body -->               statements of the model
  <!-- with: y = f(x) -->     definitions, and the statements that use them
  <!-- ... | --preset big --set d=4 -->   options of COMMAND

There, x is a tensor [B, T, d], logits are made of what x is in the end, and MODEL below says which dimensions are known. Where a block
has a train block of its own, that one is taken.
"""
import concurrent.futures
import os
import re
import shlex
import subprocess
import sys

MODEL = """\
model LM(V: dim, d=8, n=2, h=12, E=4, k=2, S=3, L=2)(tok: id[B,T]) -> [B,T,V] {
  x = embedding(V,d)(tok)
%s
  return linear(V)(x)
}
"""
TRAIN = "train { data=text(tokens=words); batch=4; context=6; loss=cross_entropy; optimizer=SGD(lr=.1); steps=1 }\n"

FENCE = re.compile(r"(?:^<!-- ([^\n]*) -->\n)?^```moe\n(.*?)^```$", re.M | re.S)
ERROR = re.compile(r"# error: (.*)$")


class Example:
    def __init__(self, page, match, folder):
        marker, self.text = match.group(1), match.group(2)
        self.line = page.count("\n", 0, match.start(2)) + 1
        self.path = os.path.join(folder, f"line-{self.line}.moe")
        kind, _, options = (marker or "file").partition("|")
        self.options = shlex.split(options)
        self.source, self.offset = self.wrap(kind.strip())

    def wrap(self, kind):
        """The whole file, and how many lines of it come before the block."""
        head, _, uses = kind.partition(":")
        if head == "file":
            if not re.search(r"^model ", self.text, re.M):
                raise SystemExit(f"line {self.line}: a block without a model needs a comment that says how it is used")
            source, offset = self.text, 0
        elif head == "body":
            before, after = MODEL.split("%s\n")
            source, offset = before + self.text + after, before.count("\n")
        elif head == "with":
            source, offset = self.text + MODEL % ("  " + uses.strip()), 0
        else:
            raise SystemExit(f"line {self.line}: unknown comment '{kind}'")
        return source + ("" if re.search(r"^train ", source, re.M) else TRAIN), offset

    def expected(self):
        lines = enumerate(self.source.splitlines(), 1)
        return {(number, found.group(1)) for number, line in lines if (found := ERROR.search(line))}

    def run(self, command):
        """What is wrong with the example, or nothing."""
        with open(self.path, "w") as out:
            out.write(self.source)
        result = subprocess.run(command + [self.path] + self.options, capture_output=True, text=True)
        output = result.stdout + result.stderr
        errors = re.findall(rf"^(?:.*/)?{re.escape(os.path.basename(self.path))}:(\d+):\d+: error: (.*)$", output, re.M)
        found, expected = {(int(number), message) for number, message in errors}, self.expected()
        if found == expected and result.returncode == (1 if expected else 0):
            return None
        missing = [f"  line {self.place(n)}: not reported: {message}" for n, message in sorted(expected - found)]
        return "\n".join([f"line {self.line}: exit code {result.returncode}"] + missing + [output])

    def place(self, line):
        return self.line + line - 1 - self.offset


def main():
    page_name, folder, *rest = sys.argv[1:]
    command = rest[1:] if rest else ["moec", "check"]
    with open(page_name) as page_file:
        page = page_file.read()
    os.makedirs(folder, exist_ok=True)
    examples = [Example(page, match, folder) for match in FENCE.finditer(page)]
    if len(examples) != page.count("\n```moe\n"):
        raise SystemExit("a ```moe block is not closed")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [failure for failure in pool.map(lambda example: example.run(command), examples) if failure]
    print("\n".join(failures))
    print(f"{len(examples)} examples, {len(failures)} failed")
    return 1 if failures or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
