"""signal-run.py SIGNAL CODE RUN COMMAND...: sends the signal once the run has written metrics, and expects the exit code."""
import pathlib
import signal
import subprocess
import sys
import time

name, code, run, command = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4:]


def listen():
    """Whatever started the tests may have had the signal ignored, as nohup does."""
    signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)


process = subprocess.Popen(command, preexec_fn=listen)
deadline = time.monotonic() + 60
metrics = run / "metrics.jsonl"
while not (metrics.exists() and metrics.stat().st_size > 0):
    if process.poll() is not None or time.monotonic() > deadline:
        sys.exit("the run did not begin")
    time.sleep(0.02)
process.send_signal(getattr(signal, "SIG" + name))
found = process.wait(timeout=60)
print("as expected" if found == code else f"exit code {found}", flush=True)
sys.exit(found != code)
