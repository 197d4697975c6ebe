"""memory_limit.py MODEL FOLDER: trains a model with and without a limit of memory. FOLDER has a data folder `data`."""
import json
import pathlib
import subprocess
import sys

model, folder = sys.argv[1], pathlib.Path(sys.argv[2])
larger = [part for setting in ("model.d=32", "model.H=128", "model.p=.1", "train.batch=8", "train.context=16") for part in ("--set", setting)]


def moec(*arguments):
    return subprocess.run(["moec", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def measure(*settings):
    return json.loads(moec("info", model, "--data", folder / "data", "--json", *larger, *settings))["bytes"]


def train(name, *settings):
    run = folder / name
    moec("train", model, "--data", folder / "data", "--out", run, "--seed", 3, "--steps", 5, "--quiet", *larger, *settings)
    losses = [json.loads(line)["loss"] for line in (run / "metrics.jsonl").read_text().splitlines() if "grad_norm" in line]
    return losses, (run / "checkpoints" / "step-00000005.safetensors").read_bytes()


free = measure()
limit = free["training"] - free["arena"] // 8
limited = ("--set", f"train.memory={limit}")
below = measure(*limited)
print(f"without a limit {free['arena'] >> 10} KiB of activations")
print("under a limit", "fewer" if below["training"] <= limit and below["arena"] < free["arena"] else f"{below} beside {free}")
plain, other = train("plain"), train("limited", *limited)
print("the losses are the same:", plain[0] == other[0] and len(plain[0]) == 5)
print("the last checkpoints are the same:", plain[1] == other[1])
