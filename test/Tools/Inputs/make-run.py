"""make-run.py FOLDER STEPS [trap | wide]: a run folder as training leaves it, made up: two layers of four experts, a last line that is half written. A trap
has markup in file, data, overrides, probes and source; a wide run so many experts that their loads are a summary."""
import json
import math
import pathlib
import sys

folder, steps = pathlib.Path(sys.argv[1]), int(sys.argv[2])
trap = '"><script>alert(1)</script><b a=\'' if sys.argv[3:] == ["trap"] else ""
wide = sys.argv[3:] == ["wide"]
folder.mkdir(parents=True)
(folder / "vocabulary.txt").write_text("{}\n")
run = {"format": "moec-run", "version": 1, "versions": {"moec": "0" + trap}, "file": "m.moe" + trap, "source": "model M\n" + trap, "overrides": ["model.d=1" + trap],
       "presets": [trap] if trap else [], "target": "cpu", "data": "data" + trap, "seed": 1, "threads": 1, "steps": steps, "parameters": 12,
       "vocabulary": {"file": "vocabulary.txt", "entries": 3}, "settings": {"batch": 1, "name": trap}}
(folder / "run.json").write_text(json.dumps(run))
with open(folder / "metrics.jsonl", "w") as out:
    for step in range(1, steps + 1):
        probes = {}
        for layer in range(2):
            a = 0.4 + 0.3 * math.sin(step / 40 + layer)
            load = {"mean": 0.02, "min": 0.01, "max": 0.06, "values": 100} if wide else [a, 1 - a, 0.5, 0.5]
            probes |= {f"layers.{layer}.moe{trap}.router.load": load, f"layers.{layer}.moe.router.entropy": 1 + a, f"layers.{layer}.moe.norm": a}
        spike = 50 if step == steps // 2 else 0
        loss = 3 + 5 / (1 + step / 30) + spike
        line = {"step": step, "loss": loss, "ppl": math.exp(min(loss, 20)), "grad_norm": 1 / step, "lr": 1e-3, "seconds": 0.01, "tokens_per_s": 1e5, "probes": probes}
        if step == 3:
            line["grad_norm"] = None  # nan in JSON
        print(json.dumps(line), file=out)
    out.write('{"step":' + str(steps + 1) + ',"lo')
