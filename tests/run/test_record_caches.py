"""Caches of a recording: what the target says that it did, what the live table says, and what a report makes of it."""
import json

import expect
from harness import Announce, Stream, check, equal, heaptap, target, test
from recorder import Recorder, ask, fresh
import harness

OPTIONS = ("--cache", "main.(*GenericCache*", "--budget", "100%", "--interval", "0.2")
GETS, MISSES, LOADS, MAP_LOADS, MAP_STORES = 10, 5000, 1000, 700, 300
LATER = 2000


def kept(line):
    """Of the numbers those that do not depend on when one looks."""
    if isinstance(line, dict):
        return {key: kept(value) for key, value in line.items()
                if key not in ("interval", "interval_low", "interval_high", "per_s", "bytes_per_call", "objects_per_call", "pools_emptied", "pools_emptied_interval")}
    return [kept(item) for item in line] if isinstance(line, list) else line


def pool_finding(path, *options):
    report = json.loads(heaptap("report", path, "--json", *options).ok().out)
    found = [f for f in report["findings"] if f["rule"] == "pool_never_hits" and "main.bufferPool" in f["seen"]]
    check(len(found) == 1, f"findings: {report['findings']}")
    return found[0]


def recorded(path, *options):
    return heaptap("top", path, "--once", "--json", "--by", "cache", *options).json()["cache"]


@test("a recording has the calls of functions, pools and maps that the target says it made, as the live table has")
def _():
    announce = Announce(target("caches-plain"))
    announce.ask("hits", 1)  # from here on the runtime lists the pool
    path = fresh("caches")
    recorder = Recorder(path, *OPTIONS, "-p", announce.pid)
    stream = Stream("--by", "cache", *OPTIONS, "-p", announce.pid)
    recorder.reaches(3)
    stream.next()
    stream.next()
    announce.ask("hits", GETS)
    missed = announce.ask("misses", MISSES)
    announce.ask("loads", LOADS)
    announce.ask("maploads", MAP_LOADS)
    announce.ask("mapstores", MAP_STORES)
    recorder.reaches(recorder.intervals() + 3)
    live = stream.after(expect.now_ns())
    stream.stop()
    recorder.stop().ok()
    replayed = recorded(path)
    equal(kept(replayed), kept(live["cache"]), "caches of the recording")
    pool = next(p for p in replayed["pools"] if p["name"] == "main.bufferPool")
    equal([pool[key]["count"] for key in ("gets", "puts", "misses")], [GETS + MISSES, GETS, missed["misses"]], "calls of the pool")
    equal(pool["new"], "main.newBuffer", "New of the pool")
    loads = sorted(f["calls"]["count"] for f in replayed["functions"] if ".Load" in f["function"])
    equal(loads, [LOADS, 2 * LOADS], "calls of Load")
    equal([replayed["maps"][0][key]["count"] for key in ("loads", "stores")], [MAP_LOADS, MAP_STORES], "calls of the map")
    table = heaptap("top", path, "--once", "--by", "cache").ok().out
    check("main.bufferPool" in table and "main.theMap" in table, f"the table is\n{table}")
    first = recorded(path, "--at", "0s")
    equal(sum(f["calls"]["count"] or 0 for f in first["functions"]), 0, "calls at the beginning")
    check("of 5.01k Gets" in pool_finding(path)["seen"], f"the finding: {pool_finding(path)}")


@test("a report of a part of a recording is of the calls in that part")
def _():
    announce = Announce(target("caches-plain"))
    announce.ask("hits", 1)
    path = fresh("part")
    recorder = Recorder(path, *OPTIONS, "-p", announce.pid)
    recorder.reaches(3)
    announce.ask("misses", MISSES)
    recorder.reaches(recorder.intervals() + 2)
    middle = recorder.intervals()
    recorder.reaches(middle + 2)
    announce.ask("misses", LATER)
    recorder.reaches(recorder.intervals() + 3)
    recorder.stop().ok()
    moment = ask(path, f"SELECT (time_unix_ns - (SELECT min(time_unix_ns) FROM intervals)) / 1e9 FROM intervals WHERE id = {middle}")
    part = ("--from", f"{moment[0][0] - 1e-3:.6f}s")
    check("of 2.00k Gets" in pool_finding(path, *part)["seen"], f"the finding: {pool_finding(path, *part)}")
    check("of 7.00k Gets" in pool_finding(path)["seen"], f"the finding: {pool_finding(path)}")
    before = pool_finding(path, "--to", f"{moment[0][0]:.6f}s")
    check("of 5.00k Gets" in before["seen"], f"the finding: {before}")


@test("a recording without --cache says that caches were not watched")
def _():
    announce = Announce(target("caches-plain"))
    path = fresh("no-caches")
    recorder = Recorder(path, "--interval", "0.1", "-p", announce.pid)
    recorder.reaches(3)
    announce.ask("hits", 100)
    recorder.reaches(recorder.intervals() + 2)
    recorder.stop().ok()
    equal(recorded(path), None, "caches of the recording")
    report = json.loads(heaptap("report", path, "--json").ok().out)
    check(all(f["rule"] != "pool_never_hits" for f in report["findings"]), f"findings: {report['findings']}")


harness.main()
