"""bad_luck.py SCENARIO FOLDER MODELS: what moec says and leaves behind when the machine fails it. FOLDER has a data folder `data`.

Prints for each command its exit code and its last message; fails where a promise does not hold that is not about a message. The scenarios
`disk` and `readonly` mount file systems: they need a mount namespace of their own.
"""
import fcntl
import json
import os
import pathlib
import resource
import subprocess
import sys

scenario, folder, models = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3])
data, model = folder / "data", models / "momentum.moe"
nobody = 65534
as_nobody = (lambda: os.setuid(nobody)) if os.geteuid() == 0 else None  # root may read and write everything


def moec(*arguments, label=None, quiet=False, **options):
    done = subprocess.run(["moec", *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=120, **options)
    messages = [line for line in done.stderr.splitlines() if line.startswith(("error:", "warning:"))]
    if not quiet:
        print(f"{label or arguments[0]}: exit {done.returncode}, {len(messages)} message{'' if len(messages) == 1 else 's'}"
              f"{': ' if messages else ''}{messages[-1].replace(str(folder) + '/', '') if messages else ''}", flush=True)
    return done


def train(out, *arguments, **options):
    return moec("train", model, "--data", data, "--out", out, "--seed", 3, "--quiet", *arguments, **options)


def expect(holds, what):
    if not holds:
        sys.exit(f"not so: {what}")


def files(where):
    return sorted(str(path.relative_to(where)) for path in where.rglob("*") if path.is_file())


def checkpoint(run, step):
    return run / "checkpoints" / f"step-{step:08}.safetensors"


def losses(run):
    lines = (run / "metrics.jsonl").read_text()
    expect(lines.endswith("\n"), "metrics.jsonl ends with a whole line")
    return [(line["step"], line["loss"]) for line in map(json.loads, lines.splitlines()) if "loss" in line]


def expect_whole(run, reference, step):
    expect(checkpoint(run, step).read_bytes() == checkpoint(reference, step).read_bytes(), "the run ended as one that nothing happened to")
    expect(losses(run) == losses(reference), "its losses are the same")


class Disk:
    """A file system of a few megabytes, of which any part can be taken."""

    def __init__(self, size="8m"):
        self.path = folder / "disk"
        self.path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", self.path], check=True)

    def fill(self, leave):
        free = os.statvfs(self.path)
        with open(self.path / "filler", "wb", buffering=0) as file:
            file.write(bytes(max(0, free.f_bavail * free.f_bsize - leave)))

    def empty(self):
        (self.path / "filler").unlink()

    def freeze(self):
        subprocess.run(["mount", "-o", "remount,ro", self.path], check=True)


every_other = ("--set", "train.checkpoint_every=2")


def disk():
    """A disk that is full while a checkpoint is written, then wherever else something is written."""
    disk, reference = Disk(), folder / "reference"
    train(reference, "--steps", 8, *every_other, label="reference")
    run = disk.path / "run"
    train(run, "--steps", 4, *every_other, label="beginning")
    before, size = files(run), checkpoint(run, 4).stat().st_size

    disk.fill(leave=size // 2)
    moec("train", "--resume", run, "--steps", 8, "--quiet", label="checkpoint")
    expect(files(run) == before, f"nothing half written stays: {files(run)}")
    disk.empty()
    moec("train", "--resume", run, "--steps", 8, "--quiet", label="afterwards")
    expect_whole(run, reference, 8)

    disk.fill(leave=0)
    moec("train", "--resume", run, "--steps", 10, "--quiet", label="resume")
    train(disk.path / "new", label="new run")
    expect(not (disk.path / "new").exists(), "no folder of a run that did not begin")
    moec("compile", model, "--vocabulary", 11, "--emit=moe", "-o", disk.path / "a.mlir", label="output")
    moec("export", run, "--to", disk.path / "out.safetensors", label="export")
    moec("report", run, "--out", disk.path / "report.html", label="report")
    moec("compare", run, "--write", disk.path / "values.safetensors", label="values")
    moec("eval", run, "--attack", "word-swap", "--write-attacked", disk.path / "attacked.txt", label="attacked text")
    expect(files(disk.path) == sorted(["filler", *(f"run/{name}" for name in files(run))]), "no output half written")
    cache = dict(os.environ, XDG_CACHE_HOME=str(disk.path / "cache"))
    train(folder / "uncached", "--steps", 1, label="cache", env=cache)
    expect(not files(disk.path / "cache"), "nothing half written in the cache")

    disk.empty()
    disk.fill(leave=16 << 10)
    train(folder / "profiled", "--steps", 8, *every_other, "--profile", disk.path / "trace.json", label="profile")
    expect_whole(folder / "profiled", reference, 8)
    expect(not (disk.path / "trace.json").exists() and not list(disk.path.glob("*.tmp*")), "no trace half written")

    disk.empty()
    disk.fill(leave=40 << 10)
    metrics = disk.path / "metrics"
    train(metrics, "--steps", 5000, label="metrics")
    expect(losses(metrics), "whole lines stay")


def readonly():
    disk = Disk()
    run = disk.path / "run"
    train(run, "--steps", 2, label="beginning")
    disk.freeze()
    train(disk.path / "new", label="new run")
    moec("train", "--resume", run, "--steps", 4, label="resume")
    moec("eval", run, label="eval")
    train(folder / "never", "--profile", disk.path / "trace.json", label="profile")
    expect(not (folder / "never").exists(), "a run whose profile cannot be written does not begin")
    moec("compile", model, "--vocabulary", 11, "--emit=moe", "-o", disk.path / "a.mlir", label="output")


def limits():
    """Limits that need no rights: the size of a file, and of the address space."""
    run, reference = folder / "run", folder / "reference"
    train(reference, "--steps", 4, label="reference")
    train(run, "--steps", 2, label="beginning")
    size = checkpoint(run, 2).stat().st_size
    before = files(run)
    most = lambda what, bytes: lambda: resource.setrlimit(what, (bytes, bytes))
    moec("train", "--resume", run, "--steps", 4, "--quiet", label="file size", preexec_fn=most(resource.RLIMIT_FSIZE, size // 2))
    expect(files(run) == before, "nothing half written stays")
    moec("train", "--resume", run, "--steps", 4, "--quiet", label="afterwards")
    expect_whole(run, reference, 4)

    memory = most(resource.RLIMIT_AS, 6 << 30)
    train(folder / "large", "--set", "model.d=16384", label="address space", preexec_fn=memory)
    expect(not (folder / "large").exists(), "a run that does not fit does not begin")


def inputs():
    def broken(name, **content):
        where = folder / name
        where.mkdir()
        for split in ("train", "valid", "test"):
            (where / f"{split}.txt").write_bytes(content.get(split, (data / f"{split}.txt").read_bytes()))
        return where

    def check(where, label):
        moec("train", model, "--data", where, "--out", folder / "never", "--quiet", label=label)
        expect(not (folder / "never").exists(), "no run folder")

    check(data / "train.txt", "a file as data folder")
    check(broken("empty", train=b""), "empty")
    check(broken("invalid", valid=b"one two\nthree \xff four\n"), "invalid UTF-8")
    moec("train", model, "--data", broken("line", train=b"word " * 2_000_000), "--out", folder / "long", "--steps", 1, "--quiet", label="a line of 10 MB")
    train(data / "train.txt", label="a file as run")

    run = folder / "run"
    train(run, "--steps", 2, label="run")
    with open(run / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        moec("train", "--resume", run, "--steps", 4, label="in use")
    for name, damage in (("run.json", lambda text: text[: len(text) // 2]), ("run.json", lambda text: b"[" * 100_000),
                         ("vocabulary.txt", lambda text: text[: len(text) // 2]), ("vocabulary.txt", lambda text: b"\xff" + text)):
        whole = (run / name).read_bytes()
        (run / name).write_bytes(damage(whole))
        moec("eval", run, label=name)
        (run / name).write_bytes(whole)
    moec("train", "--resume", run, "--steps", 4, "--quiet", label="mended")


def denied():
    """Files and folders that may not be read or written."""
    def tell(label, *arguments):
        moec(*arguments, label=label, preexec_fn=as_nobody)

    def closed(path, *arguments):
        """What a command says while nobody may look into a file or folder."""
        mode = path.stat().st_mode
        path.chmod(0)
        tell(f"no access to {path.relative_to(folder)}", *arguments)
        path.chmod(mode)

    run, private = folder / "run", folder / "a.moe"
    private.write_text(model.read_text())
    train(run, "--steps", 2, *every_other, label="run")
    before = files(run)
    closed(private, "check", private)
    for path in (data, data / "test.txt"):
        closed(path, "train", model, "--data", path if path.is_dir() else data, "--dry-run")
    for split in ("train", "valid", "test"):
        where = folder / "parts" / split
        where.mkdir(parents=True)
        (where / "a.txt").write_text("some words\n")
    closed(folder / "parts" / "valid", "train", model, "--data", folder / "parts", "--dry-run")
    for path in (run, run / "run.json", run / "vocabulary.txt", checkpoint(run, 2), run / "checkpoints"):
        closed(path, "eval", run)
    closed(run, "report", run, "--out", folder / "report.html")
    closed(run, "diff", run, run)
    closed(checkpoint(run, 2), "train", model, "--data", data, "--dry-run", "--init-from", run)

    run.chmod(0o555)
    folder.chmod(0o555)
    tell("new run", "train", model, "--data", data, "--out", folder / "new")
    tell("resume", "train", "--resume", run, "--steps", 4, "--quiet")
    tell("export", "export", run, "--to", folder / "out.safetensors")
    tell("report", "report", run, "--out", folder / "report.html")
    tell("output", "compile", model, "--vocabulary", 11, "--emit=moe", "-o", folder / "a.mlir")
    tell("eval", "eval", run)
    folder.chmod(0o755)
    expect(files(run) == before and {path.name for path in folder.iterdir()} == {"data", "run", "parts", "a.moe"}, "nothing was begun")


{"disk": disk, "readonly": readonly, "limits": limits, "inputs": inputs, "denied": denied}[scenario]()
