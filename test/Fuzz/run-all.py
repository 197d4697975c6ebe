"""run-all.py COUNT FOLDER: every target that short.test does not run by itself, with COUNT mutants and the files of FOLDER/TARGET beside its seeds."""
import pathlib
import re
import subprocess
import sys

count, folder = sys.argv[1], pathlib.Path(sys.argv[2])
targets = subprocess.run(["moe-fuzz", "list"], capture_output=True, text=True, check=True).stdout.split()
good = 0
for target in targets:
    if target in ("parse", "check", "capi"):
        continue
    known = sorted(str(path) for path in (folder / target).glob("*"))
    done = subprocess.run(["moe-fuzz", "run", target, count, *known], capture_output=True, text=True, errors="replace", timeout=100)
    sound = re.fullmatch(r"\w+: \d+ inputs, [1-9]\d* accepted; \d+ mutants, \d+ accepted, [1-9]\d* refused\n", done.stdout)
    if done.returncode == 0 and sound:
        good += 1
    else:
        print(f"{target}: exit code {done.returncode}\n{done.stdout}{done.stderr[:2000]}")
print(f"{good} targets without a complaint")
