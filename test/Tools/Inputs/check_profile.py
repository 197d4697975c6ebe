"""check_profile.py TRACE MODEL FIRST LAST THREADS [NAME...]: a trace is what it should be, and has spans of these names besides those of a step."""
import json
import pathlib
import sys

trace, model, first, last, threads, *names = sys.argv[1:]
first, last, threads = int(first), int(last), int(threads)
events = json.loads(pathlib.Path(trace).read_text())["traceEvents"]
lines = pathlib.Path(model).read_text().splitlines()
spans = [event for event in events if event["ph"] == "X"]
tracks = {event["tid"]: event["args"]["name"] for event in events if event["ph"] == "M" and event["name"] == "thread_name"}


def expect(holds, what):
    if not holds:
        sys.exit(f"not so: {what}")


def end(span):
    return round(1000 * span["ts"]) + round(1000 * span["dur"])


def begin(span):
    return round(1000 * span["ts"])


def inside(outer):
    return [span for span in spans if span is not outer and span["tid"] == outer["tid"] and begin(outer) <= begin(span) and end(span) <= end(outer)]


expect(all(begin(a) <= begin(b) for a, b in zip(spans, spans[1:])), "spans are in the order in which they begin")
expect(all(begin(span) >= 0 and end(span) >= begin(span) for span in spans), "no span ends before it begins")
expect(list(tracks.values()) == ["steps", *(f"thread {i}" for i in range(threads))], f"a track a thread: {tracks}")
for track in tracks:
    open_spans = []
    for span in (span for span in spans if span["tid"] == track):
        while open_spans and end(open_spans[-1]) <= begin(span):
            open_spans.pop()
        expect(not open_spans or end(span) <= end(open_spans[-1]), f"spans nest: {span} in {open_spans[-1:]}")
        open_spans.append(span)

steps = [span for span in spans if span["cat"] == "step"]
expect([span["name"] for span in steps] == [f"step {i}" for i in range(first, last + 1)], f"the steps are {first} to {last}")
launches = [span for span in spans if span["cat"] == "launch"]
counts = set()
for step in steps:
    parts = inside(step)
    for name in ("data", "@train", "forward", "backward", "@update", "checks", "copy of the step before"):
        expect(name in [span["name"] for span in parts], f"{step['name']} has '{name}'")
    programs = [span for span in parts if span["cat"] == "program"]
    counts.add(sum(span["cat"] == "launch" for program in programs for span in inside(program)))
    expect(all(span["cat"] != "launch" or any(span in inside(program) for program in programs) for span in parts), "a launch is part of a program")
expect(len(counts) == 1 and min(counts) > 10, f"each step has the same launches: {counts}")

for launch in launches:
    args = launch["args"]
    expect({"kernel", "source", "blocks", "result", "bytes"} <= args.keys(), f"what is known of a launch: {launch}")
    file, line, column = args["source"].rsplit(":", 2)
    expect(not file.endswith(pathlib.Path(model).name) or lines[int(line) - 1][int(column) - 1 :].strip(), f"a launch has a place in the source: {launch}")
expect(any(launch["args"]["source"].startswith(model) for launch in launches), "launches of the model's own lines")
expect(any(launch["args"].get("flop", 0) > 0 for launch in launches), "products say how much they compute")
blocks = lambda category: sum(span["args"]["blocks"] for span in spans if span["cat"] == category)
expect(blocks("launch") == blocks("blocks"), "each block ran on a thread")
for name in names:
    expect(name in [span["name"] for span in spans], f"there is a span '{name}'")
print(f"{len(steps)} steps, {len(launches) > 0} launches")
