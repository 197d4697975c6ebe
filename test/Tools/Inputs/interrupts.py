"""interrupts.py FOLDER MODELS: Ctrl-C before there is a run, and twice in a row. FOLDER has a data folder `data`.

Prints for each command its exit code as a shell has it and its last line; fails where something half made stays.
"""
import errno
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

folder, models = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
data, model = folder / "data", models / "momentum.moe"
environment = dict(os.environ, XDG_CACHE_HOME=str(folder / "cache"))
patience = 60


def expect(holds, what):
    if not holds:
        sys.exit(f"not so: {what}")


def until(condition, process):
    """Waits for a condition, as long as the process runs."""
    deadline = time.monotonic() + patience
    while not condition():
        expect(process.poll() is None and time.monotonic() < deadline, "the command came so far")
        time.sleep(0.005)


def start(*arguments):
    """Whatever started the tests may have had the signal ignored, as nohup does."""
    listen = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(["moec", *map(str, arguments)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment, preexec_fn=listen)


def finish(process, label):
    said = process.communicate(timeout=patience)[1].splitlines()
    code = process.returncode
    print(f"{label}: exit {128 - code if code < 0 else code}, {said[-1] if said else 'nothing more said'}", flush=True)


def read_until(process, text):
    for line in process.stderr:
        if text in line:
            return
    sys.exit(f"'{text}' was not said")


def files(where):
    return {str(path.relative_to(where)): path.read_bytes() for path in where.rglob("*") if path.is_file()}


def nothing_begun(out):
    expect(not out.exists() and not files(folder / "cache"), "no run, and nothing in the cache")


def loading():
    """The validation text is a pipe: once it can be written to, the command reads it."""
    waiting, out = folder / "waiting", folder / "never"
    shutil.copytree(data, waiting)
    (waiting / "valid.txt").unlink()
    os.mkfifo(waiting / "valid.txt")
    process = start("train", model, "--data", waiting, "--out", out)
    pipe = []

    def is_read():
        try:
            pipe.append(os.open(waiting / "valid.txt", os.O_WRONLY | os.O_NONBLOCK))
        except OSError as problem:
            expect(problem.errno == errno.ENXIO, problem)
        return bool(pipe)

    until(is_read, process)
    process.send_signal(signal.SIGINT)
    finish(process, "loading")
    os.close(pipe[0])
    nothing_begun(out)


def compiling():
    out = folder / "never"
    process = start("train", model, "--data", data, "--out", out)
    read_until(process, "vocabulary of")
    process.send_signal(signal.SIGINT)
    finish(process, "compiling")
    nothing_begun(out)


def catches(process, number):
    """Whether the process has a handler for the signal; the first signal takes it away."""
    mask = int(re.search(r"SigCgt:\s*(\w+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1], 16)
    return bool(mask >> (number - 1) & 1)


def processor_time(process):
    """Of a process that runs, in seconds."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def twice():
    """In a step that takes a second: the first would wait for its end, the second does not."""
    run, data = folder / "run", folder / "more"
    data.mkdir()
    for split in ("train", "valid", "test"):
        (data / f"{split}.txt").write_text((folder / "data" / f"{split}.txt").read_text() * 8)
    slow = ("--set", "train.batch=32", "--set", "train.context=64", "--set", "model.d=256", "--set", "model.H=2048")
    finish(start("train", model, "--data", data, "--out", run, "--seed", 3, "--steps", 1, *slow, "--quiet"), "first step")
    before = files(run)
    metrics = before["metrics.jsonl"].splitlines()[0]
    process = start("train", "--resume", run, "--steps", 3)
    read_until(process, "goes on after step 1")
    before_step = processor_time(process)
    until(lambda: processor_time(process) > before_step + 0.05, process)
    process.send_signal(signal.SIGINT)
    until(lambda: not catches(process, signal.SIGINT), process)
    process.send_signal(signal.SIGINT)
    finish(process, "twice")
    after = files(run)
    expect(after.keys() == before.keys(), f"nothing half written: {sorted(after)}")
    expect(after["metrics.jsonl"].splitlines() == [metrics], "the step that was broken off is not told")
    finish(start("train", "--resume", run, "--steps", 2, "--quiet"), "afterwards")
    expect(len(files(run)["metrics.jsonl"].splitlines()) == 3, "two steps and the validation at the end")


loading()
compiling()
twice()
