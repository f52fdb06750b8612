"""`heaptap timeline`: trace events that are in order, the text, and the screen in a real terminal."""
import json
import os
import re
import subprocess

import harness
import trace_format
from harness import Announce, check, equal, heaptap, scratch, start, target, test, wait_until
from tmux import Screen

STRIPPED = "announce-stripped"


def churning():
    announce = Announce(target(STRIPPED))
    announce.ask("alloc", "page1k", 41000, 41000)
    announce.ask("churn", 900, 1, 0)
    return announce


def trace(announce, *options):
    path = scratch("trace.json")
    path.unlink(missing_ok=True)
    result = heaptap("timeline", "--interval", "100ms", "--for", "1s", "-o", path, *options, "-p", announce.pid).ok()
    equal(result.out, "", "standard output")
    return trace_format.read(path)


def split_with(announce, by, name, *options):
    """The trace and its rates, when they have what begins with the name: a loaded machine may let the program
    do so little in a second that nothing of it is sampled."""
    def look():
        document = trace(announce, "--by", by, *options)
        split = trace_format.counters(document, f"alloc_rate_by_{by}_bytes_per_s")
        return (document, split) if any(k.startswith(name) for e in split[:1] for k in e["args"]) else None
    return wait_until(look, f"the rate of {name}", 200)


@test("a trace of a busy program is in order and has its heap, its rates and its types")
def _():
    announce = churning()
    document, split = split_with(announce, "type", "main.buffer8k")
    announce.ask("stop")
    for name in ("heap_inuse_bytes", "heap_alloc_bytes_per_s", "rss_total_bytes"):
        check(trace_format.counters(document, name), f"no counter {name}")
    check("other" in split[0]["args"], f"rates by type: {split[:1]}")
    names = [e["args"]["name"] for e in document["traceEvents"] if e["name"] == "process_name"]
    equal(names, ["announce-stripp"], "names of processes")


@test("--by site --top 1 has the one site that allocates, and the rest as other")
def _():
    announce = churning()
    _, split = split_with(announce, "site", "main.makeBuffer8k kinds.go:", "--top", "1")
    announce.ask("stop")
    keys = list(split[0]["args"])
    equal(keys[1:], ["other"], f"series after the first ({keys})")


@test("the demo service converts, with the counters of a heap that grows")
def _():
    service = start(target("demo-stripped"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    path = scratch("demo.json")
    heaptap("timeline", "--interval", "200ms", "--for", "2s", "-o", path, "-p", service.pid).ok()
    document = trace_format.read(path)
    check(len(trace_format.counters(document, "heap_inuse_bytes")) > 1, "the heap never changed")


@test("the end of the target is the end of its trace, which is complete")
def _():
    announce = Announce(target(STRIPPED))
    path = scratch("ended.json")
    process = start(harness.HEAPTAP, "timeline", "--interval", "50ms", "-o", path, "-p", announce.pid,
                    stderr=subprocess.PIPE, text=True)
    partial = scratch("ended.json.partial")
    wait_until(lambda: partial.exists() and partial.stat().st_size > 0, "the first data in the file")
    announce.close()
    _, errors = process.communicate(timeout=harness.PATIENCE_S)
    equal(process.returncode, 0, f"exit status ({errors})")
    check("has ended" in errors, f"it says {errors!r}")
    trace_format.read(path)


@test("without a terminal and -o the tracks are printed as text, once")
def _():
    announce = churning()
    text = heaptap("timeline", "--interval", "100ms", "-p", announce.pid,
                   env=dict(os.environ, LC_ALL="C")).ok().out
    announce.ask("stop")
    for words in ("heap in use", "goal", "allocates", "rss", "gc cycles", "longest pause"):
        check(words in text, f"no {words} in\n{text}")
    check(text.isascii(), f"other than ASCII in\n{text}")


def recorded(announce, *options):
    path = scratch("timeline.heaptap")
    path.unlink(missing_ok=True)
    heaptap("record", "--interval", "100ms", "--for", "1s", "-o", path, *options, "-p", announce.pid).ok()
    return path


@test("a recording converts into the same kind of trace, whole or in part, also after its program has ended")
def _():
    announce = churning()
    path = recorded(announce)
    announce.close()
    whole, part = scratch("whole.json"), scratch("part.json")
    heaptap("timeline", path, "-o", whole).ok()
    moments = [json.loads(line)["time_unix_ns"] for line in heaptap("top", path, "--json").ok().out.splitlines()]
    check(len(moments) >= 3, f"only {len(moments)} intervals")
    begin, end = (f"{(moments[n * len(moments) // 3] - moments[0]) / 1e9:.3f}s" for n in (1, 2))
    heaptap("timeline", path, "--from", begin, "--to", end, "-o", part).ok()
    times = [e["ts"] for e in trace_format.counters(trace_format.read(whole), "heap_alloc_bytes_per_s")]
    inner = [e["ts"] for e in trace_format.counters(trace_format.read(part), "heap_alloc_bytes_per_s")]
    check(len(times) > len(inner) > 0, f"{len(inner)} of {len(times)} values are in the part")


@test("the tracks of a recording are printed as text, and an empty window is one sentence")
def _():
    announce = churning()
    path = recorded(announce)
    announce.ask("stop")
    text = heaptap("timeline", path, env=dict(os.environ, LC_ALL="C")).ok().out
    for words in ("heap in use", "allocates", "rss", "gc cycles"):
        check(words in text, f"no {words} in\n{text}")
    result = heaptap("timeline", path, "--from", "2001-01-01T00:00:00Z", "--to", "2001-01-02T00:00:00Z")
    equal(result.status, 3, f"exit status ({result.err})")
    equal(len(result.sentences()), 1, f"sentences ({result.err})")
    check("nothing between 2001-01-01" in result.err, result.err)


@test("what cannot be done is one sentence")
def _():
    announce = Announce(target(STRIPPED))
    for status, words, arguments in (
            (2, "no target", []),
            (2, "--top: at most 64", ["--top", "65", "-p", announce.pid]),
            (3, "cannot write '/nonexistent/t.json'", ["-o", "/nonexistent/t.json", "-p", announce.pid])):
        result = heaptap("timeline", *arguments)
        equal(result.status, status, f"exit status of {arguments} ({result.err})")
        equal(len(result.sentences()), 1, f"sentences of {arguments} ({result.err})")
        check(words in result.err, f"{arguments}: {result.err}")


@test("the screen shows the tracks, zooms, moves, and q ends it")
def _():
    with Screen(churning(), "--interval", "200ms", command="timeline") as screen:
        text = screen.shows("heap in use", "main.buffer8k", "per column", ", now")
        lines = text.splitlines()
        check(len(lines) <= 24 and max(map(len, lines)) <= 80, f"the screen is larger than 80x24:\n{text}")
        screen.keys("-")
        screen.shows("500 ms per column")
        screen.keys("+")
        screen.shows("200 ms per column")
        # so many columns that the cursor can move twice
        wait_until(lambda: re.search(r"^itabs added +\S+ +\S{4,}$", screen.text(), re.M), "four columns", pause=0.2)
        screen.keys("Left")
        stopped = screen.shows("values at")
        moment = re.search(r"values at ([0-9:.]+)", stopped)[1]
        screen.keys("Left")
        wait_until(lambda: f"values at {moment}" not in screen.text() and "values at" in screen.text(),
                   "the cursor to move", pause=0.1)
        screen.keys("End")
        screen.shows(", now")
        screen.keys("q")
        equal(screen.ended(), 0, "exit status")


@test("a recording's screen shows all of it, zooms and moves; top goes through its time")
def _():
    announce = churning()
    path = recorded(announce)
    with Screen(announce, path, command="timeline") as screen:
        screen.shows("recorded", "heap in use", "100 ms per column, by type, now")
        screen.keys("Left", "Left")
        screen.shows("values at")
        screen.keys("-")
        screen.shows("200 ms per column")
        screen.keys("q")
        equal(screen.ended(), 0, "exit status of timeline")
    with Screen(announce, path) as screen:
        last = screen.shows("[ back, ] on", "main.buffer8k")
        screen.keys("{")
        wait_until(lambda: "[ back, ] on" in screen.text() and screen.text() != last, "an earlier moment", pause=0.1)
        screen.keys("t")
        screen.shows("heaptap timeline FILE")
        screen.keys("q")
        equal(screen.ended(), 0, "exit status of top")
    announce.ask("stop")


@test("t leads from the table to the timeline and back")
def _():
    with Screen(churning()) as screen:
        screen.shows("main.buffer8k", "alloc rate")
        screen.keys("t")
        screen.shows("heap in use", "longest pause", "per column")
        screen.keys("t")
        screen.shows("alloc rate")


harness.main()
