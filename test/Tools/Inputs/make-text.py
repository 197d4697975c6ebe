"""make-text.py FOLDER: a data folder with sentences of a small grammar, the same every time."""
import pathlib
import random
import sys

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True)
draw = random.Random(1)
who, does, what = "a router,the expert,one token,every layer".split(","), "sends,takes,adds,keeps".split(","), "rows,state,gradients,momentum".split(",")
for split, lines in (("train", 400), ("valid", 60), ("test", 60)):
    text = [f"{draw.choice(who)} {draw.choice(does)} {draw.choice(what)} ." for _ in range(lines)]
    (folder / f"{split}.txt").write_text("\n".join(text) + "\n")
