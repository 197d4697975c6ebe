"""read-events.py RUN FIRST...: parses a run's event files with the standard library alone, checks every checksum, and compares the scalars with metrics.jsonl.
Of each file the step of its session start must be the one given."""
import json
import pathlib
import struct
import sys

run, first_steps = pathlib.Path(sys.argv[1]), [int(x) for x in sys.argv[2:]]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def records(data):
    at = 0
    while at < len(data):
        (length,), (check,) = struct.unpack_from("<Q", data, at), struct.unpack_from("<I", data, at + 8)
        assert check == masked(data[at : at + 8]), "checksum of a length"
        event = data[at + 12 : at + 12 + length]
        assert struct.unpack_from("<I", data, at + 12 + length) == (masked(event),), "checksum of an event"
        yield event
        at += 16 + length


def fields(message):
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        number, kind = key >> 3, key & 7
        if kind == 0:
            yield number, varint()
        else:
            size = {1: 8, 5: 4}.get(kind) or varint()
            yield number, message[at : at + size]
            at += size


scalars, histograms = {}, {}
files = sorted(run.glob("events.out.tfevents.*"))
assert len(files) == len(first_steps), files
for file, first in zip(files, first_steps):
    events = [dict(fields(event)) for event in records(file.read_bytes())]
    assert events[0][3] == b"brain.Event:2" and dict(fields(events[1][7])) == {1: 1} and events[1][2] == first, events[:2]
    for series in (scalars, histograms):  # what TensorBoard does at a session start
        for points in series.values():
            for step in [step for step in points if step >= first]:
                del points[step]
    for event in events[2:]:
        for number, value in fields(event[5]):
            parts = dict(fields(value))
            tag = parts[1].decode()
            if 2 in parts:
                scalars.setdefault(tag, {})[event[2]] = struct.unpack("<f", parts[2])[0]
            else:
                histograms.setdefault(tag, {})[event[2]] = dict(fields(parts[5]))

expected, loads = {}, {}
for line in map(json.loads, open(run / "metrics.jsonl")):
    step = line.pop("step")
    if "valid_loss" in line:
        kind = "final/" if "final" in line else "valid/"
        found = {kind + "loss": line["valid_loss"], kind + "ppl": line["valid_ppl"]}
    else:
        probes = {"probes/" + name: value for name, value in line.pop("probes", {}).items()}
        loads.update({(name, step): value for name, value in probes.items() if isinstance(value, list)})
        found = {name: value for name, value in probes.items() if not isinstance(value, list)}
        found |= {"aux/" + name: value for name, value in line.pop("aux", {}).items()}
        line.pop("seconds")
        found |= line
    for name, value in found.items():
        expected.setdefault(name, {})[step] = struct.unpack("<f", struct.pack("<f", value))[0]
scalars["final/loss"] = {max(scalars["final/loss"]): scalars["final/loss"][max(scalars["final/loss"])]}  # of an earlier end
scalars["final/ppl"] = {max(scalars["final/ppl"]): scalars["final/ppl"][max(scalars["final/ppl"])]}
assert scalars == expected, [name for name in scalars.keys() | expected.keys() if scalars.get(name) != expected.get(name)]
for (name, step), load in loads.items():
    histogram = histograms[name][step]
    count = len(load)
    assert struct.unpack(f"<{count}d", histogram[6]) == tuple(range(1, count + 1))
    assert all(abs(a - b) < 1e-6 for a, b in zip(struct.unpack(f"<{count}d", histogram[7]), load))
print(f"{len(files)} files, {sum(map(len, scalars.values()))} scalars of {len(scalars)} names, {len(loads)} loads")
