"""foreseen.py DRY CHECKPOINTS: --dry-run named the size of the checkpoints that a run then wrote."""
import pathlib
import re
import sys

kib = int(re.search(r"checkpoint\s+(\d+) KiB", pathlib.Path(sys.argv[1]).read_text())[1])
sizes = [path.stat().st_size / 1024 for path in pathlib.Path(sys.argv[2]).glob("*.safetensors")]
assert len(sizes) == 4 and all(abs(size - kib) <= 1 for size in sizes), (kib, sizes)
