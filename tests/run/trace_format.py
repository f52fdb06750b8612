"""A strict reading of the Trace Event Format (JSON object format), as heaptap uses it: what it finds wrong
is a Failure. Standard library only."""
import json

from harness import check

PHASES = {"M", "X", "C", "i"}
METADATA = {"process_name": "name", "thread_name": "name", "thread_sort_index": "sort_index"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    check(len(keys) == len(set(keys)), f"a key stands twice in {keys}")
    return dict(pairs)


def _no_constant(name):
    check(False, f"{name} is no JSON")


def _check_metadata(event):
    check(event["name"] in METADATA, f"metadata {event}")
    value = event["args"].get(METADATA[event["name"]])
    check(is_number(value) if event["name"].endswith("index") else isinstance(value, str) and value,
          f"metadata {event}")
    check("tid" in event or event["name"] == "process_name", f"a track without tid: {event}")


def _check_time(event):
    check(is_number(event.get("ts")) and event["ts"] >= 0, f"ts of {event}")


def _check_slice(event):
    _check_time(event)
    check(isinstance(event.get("tid"), int), f"tid of {event}")
    check(is_number(event.get("dur")) and event["dur"] >= 0, f"dur of {event}")


def _check_counter(event):
    _check_time(event)
    check(event["args"], f"a counter without a value: {event}")
    check(all(is_number(v) and v >= 0 for v in event["args"].values()), f"values of {event}")


def _check_instant(event):
    _check_time(event)
    check(event.get("s") in ("g", "p", "t"), f"scope of {event}")
    check(event["s"] != "t" or isinstance(event.get("tid"), int), f"tid of {event}")


CHECKS = {"M": _check_metadata, "X": _check_slice, "C": _check_counter, "i": _check_instant}


def _check_nesting(slices):
    """On one track a slice lies within the one before, or after it. In nanoseconds, which are whole."""
    open_ends = []
    for event in slices:
        begin = round(event["ts"] * 1000)
        end = begin + round(event["dur"] * 1000)
        while open_ends and open_ends[-1] <= begin:
            open_ends.pop()
        check(not open_ends or end <= open_ends[-1], f"{event} overlaps the slice before it")
        open_ends.append(end)


def _check_track(key, events):
    for before, after in zip(events, events[1:]):
        check(before["ts"] <= after["ts"], f"track {key} goes back in time: {before}, {after}")
    _check_nesting([e for e in events if e["ph"] == "X"])
    if events[0]["ph"] == "C":
        series = {tuple(e["args"]) for e in events}
        check(len(series) == 1, f"the series of counter {key} change: {series}")


def _check_names(events):
    named = {(e["name"], e["pid"], e.get("tid")) for e in events if e["ph"] == "M"}
    for event in events:
        check(("process_name", event["pid"], None) in named, f"process {event['pid']} has no name")
        if event["ph"] in "Xi":
            check(("thread_name", event["pid"], event["tid"]) in named, f"the track of {event} has no name")


def read(path):
    """The events of a file that is in order."""
    with open(path, encoding="utf-8", errors="strict") as file:
        document = json.load(file, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    check(isinstance(document.get("traceEvents"), list), "no traceEvents")
    check(all(isinstance(v, str) for v in document.get("otherData", {}).values()), "otherData has other than strings")
    events, tracks = document["traceEvents"], {}
    for event in events:
        check(isinstance(event.get("name"), str) and event["name"], f"name of {event}")
        check(event.get("ph") in PHASES, f"phase of {event}")
        check(isinstance(event.get("pid"), int), f"pid of {event}")
        check(isinstance(event.get("args"), dict), f"args of {event}")
        CHECKS[event["ph"]](event)
        if event["ph"] == "C":
            tracks.setdefault((event["pid"], event["name"]), []).append(event)
        elif event["ph"] != "M":
            tracks.setdefault((event["pid"], event["tid"]), []).append(event)
    for key, found in tracks.items():
        _check_track(key, found)
    _check_names(events)
    return document


def counters(document, name):
    return [e for e in document["traceEvents"] if e["ph"] == "C" and e["name"] == name]
