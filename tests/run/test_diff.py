"""`heaptap diff`: the same program does not differ from itself, a changed one does, and two profiles
differ by what `go tool pprof -diff_base` says."""
import json
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

import expect
import harness
import pprof
from harness import Announce, check, equal, heaptap, near, run, scratch, start, target, test, wait_until

STRIPPED = "announce-stripped"
ALL = ("-nodefraction=0", "-edgefraction=0", "-nodecount=1000000")


def count(path):
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return database.execute("SELECT count(*) FROM intervals").fetchone()[0]
        finally:
            database.close()
    except sqlite3.OperationalError:  # its tables are not there yet
        return 0


def record(announce, name, intervals, interval="0.05"):
    """So many intervals of what the target does meanwhile."""
    path = scratch(name)
    process = start(harness.HEAPTAP, "record", "--force", "-o", path, "--interval", interval, "-p", announce.pid,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: process.poll() is not None or count(path) >= intervals, f"{intervals} intervals", seconds=120)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=harness.PATIENCE_S)
    equal(process.returncode, 0, f"exit status of record ({err})")
    harness.end(process)
    return path


def churning(rate, *kept):
    announce = Announce(target(STRIPPED))
    for what in kept:
        announce.ask("alloc", *what)
    announce.ask("gc")
    announce.ask("churn", rate, 2, 0)
    return announce


class Paced:
    """A target that does the same work at the same rate, however busy the machine is: one that runs as
    fast as it can does change when others take or leave the CPU, and diff rightly says so."""

    def __init__(self):
        self.announce = Announce(target(STRIPPED))
        self.over = threading.Event()
        self.driver = threading.Thread(target=self._drive, daemon=True)
        self.driver.start()

    def _drive(self):
        due = time.monotonic()
        while not self.over.wait(max(0, due - time.monotonic())):
            due += 0.025  # by the clock, not after the last round: what came late is made up for
            for kind, objects in (("buffer8k", 100), ("page1k", 300), ("block64", 2000)):
                self.announce.ask("alloc", kind, objects, 0)

    def end(self):
        self.over.set()
        self.driver.join()


def changed(report):
    return ([t["name"] for t in report["totals"] if t["change"] != "same"] +
            [row["name"] for row in report["rows"] if row["change"] != "same"])


def total(report, name):
    return next(t for t in report["totals"] if t["name"] == name)


def differing_pairs(path):
    """What differs between the windows of each of 100 pairs in which anything does."""
    windows = random.Random(11)
    differ = []
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    times = [row[0] for row in database.execute("SELECT time_unix_ns FROM intervals ORDER BY id")]
    database.close()
    length = (times[-1] - times[0]) / 1e9
    for _ in range(100):
        wide = length * windows.uniform(0.1, 0.35)
        first = windows.uniform(0.15 * length, length - 2 * wide)
        second = windows.uniform(first + wide, length - wide)
        options = [f"--{side}-{end}={moment:.3f}s" for side, begin in (("before", first), ("after", second))
                   for end, moment in (("from", begin), ("to", begin + wide))]
        report = heaptap("diff", path, path, "--json", *options).json()
        if changed(report):
            differ.append((f"{first:.1f} and {second:.1f} s, {wide:.1f} s each", [
                (t["name"], t["before"], t["after"], t["p"]) for t in report["totals"] if t["change"] != "same"],
                [(r["name"], r["before"], r["after"], r["p"]) for r in report["rows"]]))
    return differ


@test("of pairs of windows of one recording at most 5 of 100 differ", seconds=900)
def _():
    # How often diff errs by design is a unit test. Here a machine that stood still in one place of a recording tells
    # many of its pairs apart: then more are made, and all pairs count together.
    differing = 0
    for recordings in range(1, 4):
        paced = Paced()
        path = record(paced.announce, "steady", 400)
        paced.end()
        differ = differing_pairs(path)
        for one in differ:
            harness.say(one)
        differing += len(differ)
        harness.say(f"{len(differ)} of 100 pairs differ, {differing} of {100 * recordings} so far")
        if differing <= 5 * recordings:
            return
        path.unlink()
    raise harness.Failure(f"{differing} of {100 * recordings} pairs differ")


@test("a program that keeps more is found out, once what it took to get there is left out", seconds=400)
def _():
    warm = ("--from", "1s")
    for intervals in (80, 160, 320):  # a busy machine moves a heap so slowly that few of them are independent
        before = record(churning(200), f"before{intervals}", intervals)
        after = record(churning(900, ("buffer8k", 12000, 12000)), f"after{intervals}", intervals)
        report = heaptap("diff", before, after, "--json", *warm).json()
        if all(total(report, name)["change"] == "grown" for name in ("rss", "heap_inuse")):
            break
    for name in ("rss", "heap_inuse"):
        check(total(report, name)["p"] < 0.05 and total(report, name)["change"] == "grown", total(report, name))
        check(total(report, name)["delta_low"] > 0, total(report, name))
    back = heaptap("diff", after, before, "--json", *warm).json()
    equal(total(back, "rss")["change"], "shrunk", "the change of RSS the other way round")
    near(total(back, "rss")["delta"], -total(report, "rss")["delta"], 0.001, "its difference")
    rows = heaptap("diff", before, after, "--json", "--value", "inuse_space", *warm).json()["rows"]
    kept = next(row for row in rows if row["name"].startswith("main.makeBuffer8k"))
    check(kept["change"] in ("grown", "new"), f"what is kept: {kept}")
    check(kept["delta_high"] > 12000 * 8192, f"12000 x 8 KiB more are kept, and what the larger ring holds: {kept}")
    text = heaptap("diff", before, after, *warm).ok().out
    check(re.search(r"^RSS .* \+[0-9.]+% +(<0\.001|0\.0)", text, re.M), f"the table is\n{text}")
    markdown = heaptap("diff", before, after, "--markdown", *warm).ok().out
    check("| total | before | after |" in markdown, f"the table is\n{markdown}")


@test("what diff says of a recording is what the recording holds")
def _():
    path = record(churning(600), "truth", 60)
    database = sqlite3.connect(path)
    with database:
        database.execute("INSERT INTO losses SELECT max(id), 'counters_torn', 3 FROM intervals")
    database.close()
    report = heaptap("diff", path, path, "--json", "--all", "--top", "0").json()
    equal(changed(report), [], "changes of a recording from itself")
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    intervals = database.execute("SELECT heap_alloc_bytes, interval_s FROM intervals ORDER BY id").fetchall()
    database.close()
    seconds = sum(interval_s for _, interval_s in intervals)
    near(report["before"]["seconds"], seconds, 1e-6, "the time")
    rates = [(later - earlier) / interval_s for (earlier, _), (later, interval_s) in zip(intervals, intervals[1:])]
    # a median of stretches, however much a busy machine lets one differ from the next
    check(min(rates) <= total(report, "alloc_bytes")["before"] <= max(rates),
          f"bytes per second: {total(report, 'alloc_bytes')}, and those of intervals {min(rates)} to {max(rates)}")
    losses = report["after"]["losses"]
    equal(losses["all"], sum(count for reason, count in losses.items() if reason != "all"), "the sum of losses")
    check(losses["all"] >= 3, f"losses: {losses}")
    lines = [json.loads(line) for line in heaptap("top", path, "--json", "--by", "site", "--top", "0").ok().out.splitlines()]
    sums = {}
    for row in lines[-1]["rows"]:
        sums[row["name"]] = sums.get(row["name"], 0) + row["alloc_bytes"]
    for row in report["rows"]:
        if row["before_samples"] > 20:
            near(row["before"] * seconds, sums[row["name"]], 0.01, f"bytes of {row['name']}")
            check(row["before_low"] < row["before"] < row["before_high"], f"the interval of {row}")


def top_rows(path_before, path_after, value):
    """What pprof prints: [(flat, flat%, cum, cum%, function)]."""
    result = run("go", "tool", "pprof", "-top", "-unit=B" if value.endswith("space") else "-unit=count",
                 f"-sample_index={value}", *ALL, f"-diff_base={path_before}", path_after).ok()
    rows = []
    for line in result.out.splitlines():
        match = re.match(r"\s*(-?[\d.]+)B?\s+([\d.]+)%\s+[\d.]+%\s+(-?[\d.]+)B?\s+([\d.]+)%\s+(.*)$", line)
        if match:
            flat, flat_share, cum, cum_share, name = match.groups()
            name = re.sub(r" \((partial-)?inline\)$", "", name)
            rows.append((int(flat), float(flat_share), int(cum), float(cum_share), name))
    return rows


@test("the difference of two profiles is that of go tool pprof, row for row, in all four values")
def _():
    announce = Announce(target("announce-plain"))
    before, after = scratch("before.pb.gz"), scratch("after.pb.gz")
    for what in expect.SCENE[:2]:
        announce.ask("alloc", *what)
    announce.ask("gc")
    heaptap("flame", "-o", before, "-p", announce.pid).ok()
    for what in expect.SCENE[1:]:
        announce.ask("alloc", *what)
    announce.ask("gc")
    heaptap("flame", "-o", after, "-p", announce.pid).ok()
    for value in ("alloc_space", "alloc_objects", "inuse_space", "inuse_objects"):
        for first, second in ((before, after), (after, before)):
            theirs = top_rows(first, second, value)
            check(len(theirs) > 5, f"pprof has only {len(theirs)} rows")
            report = heaptap("diff", first, second, "--all", "--top", "0", "--value", value, "--json").json()
            equal([(r["flat"], r["cum"], r["name"]) for r in report["rows"]],
                  [(flat, cum, name) for flat, _, cum, _, name in theirs], f"{value} by function")
            for mine, (_, flat_share, _, cum_share, name) in zip(report["rows"], theirs):
                check(abs(mine["flat_percent"] - flat_share) <= 0.005 + 0.05 * (flat_share < 1), f"flat% of {name}: {mine}, {flat_share}")
                check(abs(mine["cum_percent"] - cum_share) <= 0.005 + 0.05 * (cum_share < 1), f"cum% of {name}: {mine}, {cum_share}")
    report = heaptap("diff", before, after, "--value", "inuse_space", "--json").json()
    grown = {row["name"]: row["change"] for row in report["rows"]}
    equal(grown.get("main.makePage1k"), "new", "the change of what was not there")
    same = heaptap("diff", after, after, "--json").json()
    equal(same["rows"], [], "the difference of a profile from itself")


@test("the differential profile and flame graph have what was added and what was taken away")
def _():
    announce = Announce(target("announce-plain"))
    files = []
    for what in expect.SCENE[1:3]:
        announce.ask("alloc", *what)
        announce.ask("gc")
        files.append(scratch(f"{what[0]}.pb.gz"))
        heaptap("flame", "-o", files[-1], "-p", announce.pid).ok()
    out = scratch("delta.pb.gz")
    heaptap("diff", *files, "-o", out).ok()
    shown = run("go", "tool", "pprof", "-top", "-unit=B", "-sample_index=inuse_space", *ALL, out).ok().out
    theirs = run("go", "tool", "pprof", "-top", "-unit=B", "-sample_index=inuse_space", *ALL,
                 f"-diff_base={files[0]}", files[1]).ok().out
    rows = lambda text: text[text.index("flat  flat%"):]
    equal(rows(shown), rows(theirs), "what pprof shows of it")
    back = scratch("back.pb.gz")
    heaptap("diff", *reversed(files), "-o", back).ok()
    shown = run("go", "tool", "pprof", "-top", "-sample_index=inuse_space", back).ok().out
    check(re.search(r"^ *-[\d.]+MB .* main\.makePage1k", shown, re.M), f"pprof shows\n{shown}")
    page = scratch("delta.html")
    heaptap("diff", *files, "-o", page).ok()
    text = page.read_text()
    data = json.loads(re.search(r"const data = (.*);\n", text).group(1))
    tree = data["tree"]
    after, before = (sum(tree[key]["inuse_space"]) for key in ("self", "base"))
    profiles = [pprof.read(f) for f in files]
    for sum_, profile, what in ((before, profiles[0], "before"), (after, profiles[1], "after")):
        index = profile.index("inuse_space")
        equal(sum_, sum(s.values[index] for s in profile.samples), f"in use {what}")
    equal(len(tree["base"]["inuse_space"]), len(tree["name"]), "number of frames")


def refused(word, *arguments, status=3):
    result = heaptap("diff", *arguments)
    equal(result.status, status, f"exit status of {arguments} ({result.err!r})")
    equal(len(result.sentences()), 1, f"number of lines of {arguments}:\n{result.err}\nit")
    check(word in result.err, f"{arguments} does not say '{word}': {result.err!r}")
    equal(result.out, "", "standard output")


@test("what cannot be compared is refused with one sentence")
def _():
    announce = churning(100)
    path = record(announce, "some", 12)
    profile, text, cut, cpu = (scratch(name) for name in ("some.pb.gz", "text", "cut.pb.gz", "gz.pb.gz"))
    heaptap("flame", path, "-o", profile).ok()
    text.write_text("not a database at all, but long enough to be looked into\n" * 100)
    cut.write_bytes(profile.read_bytes()[:profile.stat().st_size // 2])
    with open(cpu, "wb") as out:
        subprocess.run(["gzip", "-c", str(text)], stdout=out, check=True)
    refused("two files", path, status=2)
    refused("two files", path, path, path, status=2)
    refused("same kind", path, profile, status=2)
    refused("same kind", profile, path, status=2)
    refused("for recordings", profile, profile, "--from", "1s", status=2)
    refused("for recordings", profile, profile, "--by", "type", status=2)
    refused("not a recording", path, text)
    refused("not a profile", profile, cpu)
    refused("too early", cut, profile)
    refused("No such file", path, scratch("nowhere"))
    refused("nothing between", path, path, "--from", "1h")
    refused("--cache", path, path, "--per", "main.nothing")
    refused("no process 1", path, path, "--before-pid", "1")
    refused("not 'x.svg'", path, path, "-o", "x.svg", status=2)
    refused("No such file", path, path, "-o", scratch("no/such/folder/x.html"))


@test("different programs, different versions of Go and short recordings are compared, and it is said")
def _():
    folders = sorted((f for f in harness.TARGETS.glob("go1.*") if (f / STRIPPED).exists()), key=harness._version_key)
    announce = Announce(target(STRIPPED, folders[0]))
    announce.ask("churn", 300, 2, 0)
    first = record(announce, "first", 30)
    copied = scratch("other-name")
    shutil.copy(target(STRIPPED, folders[-1]), copied)
    announce = Announce(copied)
    announce.ask("churn", 300, 2, 0)
    second = record(announce, "second", 30)
    text = heaptap("diff", first, second).ok().out
    check("different programs" in text, f"it says\n{text}")
    if len(folders) > 1:
        check("different versions of Go" in text, f"it says\n{text}")
    report = heaptap("diff", first, second, "--to", "0.12s", "--json").json()
    check(all(t["p"] is None for t in report["totals"]), f"the totals are {report['totals']}")
    text = heaptap("diff", first, second, "--to", "0.12s").ok().out
    check("too short" in text, f"it says\n{text}")


harness.main()
