"""`heaptap record`, and `top` and `flame` on what it wrote: the same numbers as live, whatever ends it."""
import json
import os
import random
import shutil
import signal
import sqlite3
import time

import expect
import harness
import pprof
from harness import Announce, Stream, check, equal, heaptap, run, scratch, target, test, wait_until
from recorder import Recorder, ask, count, fresh

STRIPPED = "announce-stripped"
ROUNDS = int(os.environ.get("RECORD_ROUNDS", "20"))


def is_sound(path):
    equal(ask(path, "PRAGMA integrity_check"), [("ok",)], f"integrity of {path}")


def lines(path, *options):
    return [json.loads(line) for line in heaptap("top", path, "--json", *options).ok().out.splitlines()]


def summary(result, *words):
    """One sentence on standard error, nothing on standard output."""
    equal(result.out, "", "standard output")
    equal(len(result.sentences()), 1, f"number of lines on standard error:\n{result.err}\nit")
    for word in ("recorded",) + words:
        check(str(word) in result.err, f"the summary does not say '{word}': {result.err!r}")


def quiet_target():
    announce = Announce(target(STRIPPED))
    for what in expect.SCENE:
        announce.ask("alloc", *what)
    announce.ask("gc")
    return announce


# What observing costs, and when the look was taken, is each observer's own.
OWN = ("time_unix_ns", "interval_s", "cost", "governor")


def without_own(line):
    """Nor are the parts of RSS, which each reads in some of its intervals only."""
    rest = {key: value for key, value in line.items() if key not in OWN}
    rest["rss"] = {"total_bytes": line["rss"]["total_bytes"]}
    return rest


@test("a recording of a quiet program says what the live table says, number for number")
def _():
    announce = quiet_target()
    path = fresh("quiet")
    options = ("--by", "site", "--top", "1000")
    for _ in range(20):
        recorder = Recorder(path, "--interval", "0.1", "-p", announce.pid)
        stream = Stream("--interval", "0.1", *options, "-p", announce.pid)
        recorder.reaches(4)
        stream.next()  # has the probes for a part of its interval only
        live = without_own(stream.next())
        recorder.reaches(recorder.intervals() + 2)
        again = without_own(stream.next())
        stream.stop()
        summary(recorder.stop().ok(), "intervals")
        recorded = without_own(heaptap("top", path, "--once", "--json", *options).json())
        if live == again:
            break
        path = fresh("quiet")
    else:
        harness.skip("the target would not be quiet")
    for line in (live, recorded):  # of rates that are not quite 0 the one is of another interval
        for key in ("alloc_bytes_per_s", "allocs_per_s"):
            line["heap"].pop(key)
        line["rows"].sort(key=lambda row: json.dumps(row, sort_keys=True))
    equal(recorded, live, "what was recorded")
    check(len(recorded["rows"]) > 3, "hardly any rows")
    check(not path.with_name(path.name + "-wal").exists(), "a finished recording is not one file")
    is_sound(path)


@test("a recording holds what was registered of types, at its time, and the itab table")
def _():
    announce = Announce(target(STRIPPED))
    path = fresh("types")
    recorder = Recorder(path, "--interval", "0.1", "-p", announce.pid)
    recorder.reaches(3)
    first = announce.ask("itabs", 20)
    recorder.reaches(recorder.intervals() + 2)
    between = recorder.intervals()
    second = announce.ask("itabs", 20)
    made = announce.ask("reflecttypes", 16)
    recorder.reaches(recorder.intervals() + 3)
    recorder.stop().ok()
    every = lines(path, "--top", "1000")
    end = every[-1]
    for answer in (first, second, made):
        expect.registered(end, answer)
    expect.in_itab_table(end, first)
    expect.in_itab_table(end, second)
    expect.registered(every[between - 1], first)
    equal(len(every[between - 1]["types"]["rows"]), 20, "kinds seen before the second command")
    equal(sum(line["types"]["itabs_added"] or 0 for line in every), 40, "itabs added")
    equal(ask(path, "SELECT sum(count) FROM type_events WHERE event = 'itab'"), [(40,)], "itabs in the file")
    equal(ask(path, "SELECT count(*) FROM itabs"), [(end["types"]["itabs"],)], "entries in the file")
    table = heaptap("top", path, "--once", "--by", "types", "--top", "1000").ok().out
    check("map[string]struct { F0 int }" in table, f"the table is\n{table}")
    is_sound(path)


@test("a recording holds what was allocated in each window of time")
def _():
    announce = quiet_target()
    path = fresh("windows")
    recorder = Recorder(path, "--interval", "0.1", "-p", announce.pid)
    recorder.reaches(3)
    announce.ask("alloc", "large100k", 500, 0)
    recorder.reaches(recorder.intervals() + 3)
    middle = expect.now_ns()
    announce.ask("alloc", "page1k", 41000, 41000)
    recorder.reaches(recorder.intervals() + 3)
    recorder.stop(signal.SIGTERM).ok()
    between = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(middle // 10**9)) + f".{middle % 10**9:09}Z"
    for arguments, name in ((("--to", between), "main.makeLarge100k"), (("--from", between), "main.makePage1k")):
        out = scratch("window.pb.gz")
        heaptap("flame", path, *arguments, "-o", out, "--value", "alloc_space").ok()
        profile = pprof.read(out)
        index = profile.index("alloc_space")
        heaviest = max(profile.samples, key=lambda s: s.values[index])
        check(any(f.function == name for f in heaviest.stack), f"the heaviest of {arguments} is not {name}")
    whole = scratch("whole.pb.gz")
    heaptap("flame", path, "-o", whole).ok()
    seen = {f.function for s in pprof.read(whole).samples for f in s.stack}
    check({"main.makeLarge100k", "main.makePage1k", "main.makeBuffer8k"} <= seen, f"functions: {sorted(seen)[:20]}")


@test("the lines of a recording are all its intervals, and --at, --from and --to choose among them")
def _():
    announce = quiet_target()
    path = fresh("range")
    recorder = Recorder(path, "--interval", "0.05", "-p", announce.pid)
    recorder.reaches(12)
    recorder.stop().ok()
    every = lines(path)
    equal(len(every), count(path), "number of lines")
    times = [line["time_unix_ns"] for line in every]
    equal(times, sorted(times), "the order of time")
    equal(heaptap("top", path, "--once", "--json").json(), every[-1], "the table at the end")
    equal(heaptap("top", path, "--once", "--json", "--at", "0s").json(), every[0], "the table at the beginning")
    offset = (times[6] - times[0]) / 1e9 + 1e-6
    equal(heaptap("top", path, "--once", "--json", "--at", f"{offset:.9f}s").json(), every[6], "the table in between")
    part = lines(path, "--from", f"{offset - 2e-6:.9f}s", "--to", f"{(times[8] - times[0]) / 1e9 + 1e-6:.9f}s")
    equal(part, every[6:9], "the lines in between")
    table = heaptap("top", path, "--once").ok().out
    check("main.buffer8k" in table, f"the table is\n{table}")


@test("SIGKILL at any moment costs the interval in flight at most, and the file is sound", seconds=400)
def _():
    announce = quiet_target()
    announce.ask("churn", 900, 2, 0)
    moments = random.Random(7)
    some = 0
    for number in range(ROUNDS):
        path = fresh(f"killed{number}")
        recorder = Recorder(path, "--interval", "0.02", "-p", announce.pid)
        recorder.reaches(1)
        time.sleep(moments.uniform(0, 0.15))  # the moment is what is varied, nothing is waited for
        before = recorder.intervals()
        recorder.process.send_signal(signal.SIGKILL)
        recorder.process.wait()
        harness.end(recorder.process)
        is_sound(path)
        after = lines(path)
        check(len(after) >= before, f"{before} intervals were there before the kill, {len(after)} are left")
        times = ask(path, "SELECT elapsed_s, interval_s FROM intervals ORDER BY id")
        for (first, _), (second, interval) in zip(times, times[1:]):
            check(abs(second - first - interval) < 1e-6, f"{second - first} s passed in an interval of {interval} s")
        some += len(after)
    harness.say(f"{ROUNDS} kills, {some} intervals")
    announce.ask("stop")
    announce.ask("check")


@test("a full disk ends the recording with a sentence, and what was written can be read")
def _():
    folder = scratch("small")
    folder.mkdir(exist_ok=True)
    if run("mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder).status:
        harness.skip("no tmpfs can be mounted here")
    try:
        announce = quiet_target()
        announce.ask("churn", 900, 2, 0)
        path = folder / "recording"
        result = Recorder(path, "--interval", "0.01", "-p", announce.pid).wait()
        equal(result.status, 3, f"exit status ({result.err})")
        check("No space left" in result.err, f"the sentence: {result.err!r}")
        equal(len(result.sentences()), 2, f"number of lines:\n{result.err}\nit")
        left = lines(path)
        check(len(left) > 3, f"only {len(left)} intervals are left")
        check(f"{len(left)} intervals" in result.err, f"{len(left)} intervals are left: {result.err!r}")
        copy = fresh("from-small")
        for ending in ("", "-wal"):
            if os.path.exists(f"{path}{ending}"):
                shutil.copy(f"{path}{ending}", f"{copy}{ending}")
        is_sound(copy)
    finally:
        harness.end_everything()
        run("umount", folder)


@test("what a killed recorder leaves is read where its log can be, and refused with a sentence where it cannot")
def _():
    announce = quiet_target()
    path = fresh("unfinished")
    recorder = Recorder(path, "--interval", "0.05", "-p", announce.pid)
    recorder.reaches(5)
    recorder.process.send_signal(signal.SIGKILL)
    recorder.process.wait()
    harness.end(recorder.process)
    folder = scratch("closed")
    folder.mkdir(exist_ok=True)
    if run("mount", "-t", "tmpfs", "tmpfs", folder).status:
        harness.skip("no tmpfs can be mounted here")
    try:
        for ending in ("", "-wal"):
            shutil.copy(f"{path}{ending}", folder / f"x{ending}")
        if run("mount", "-o", "remount,ro", folder).status == 0:
            refused("a folder that can be written", "top", "--once", folder / "x")
    finally:
        run("umount", folder)
    check(len(lines(path)) >= 5, "hardly any lines")


def refused(word, *arguments, status=3):
    result = heaptap(*arguments)
    equal(result.status, status, f"exit status of {arguments} ({result.err!r})")
    equal(len(result.sentences()), 1, f"number of lines of {arguments}:\n{result.err}\nit")
    check(word in result.err, f"{arguments} does not say '{word}': {result.err!r}")


@test("what is no recording, or none that can be read, is refused with one sentence")
def _():
    announce = quiet_target()
    path = fresh("good")
    recorder = Recorder(path, "--interval", "0.05", "-p", announce.pid)
    recorder.reaches(20)
    recorder.stop().ok()
    text, cut, newer, empty = (fresh(name) for name in ("text", "cut", "newer", "empty"))
    text.write_text("not a database at all, but long enough to be looked into\n" * 100)
    cut.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    shutil.copy(path, newer)
    database = sqlite3.connect(newer)
    database.execute("PRAGMA user_version = 99")
    database.close()
    sqlite3.connect(empty).close()
    empty.touch()
    for command in (("top", "--once"), ("flame", "-o", scratch("x.folded"))):
        refused("not a recording", *command, text)
        refused("not a recording", *command, empty)
        refused("damaged", *command, cut)
        refused("version 99", *command, newer)
        refused("no process 1", *command, path, "-p", "1")
    refused("no such file", "top", "--once", scratch("nowhere"), status=2)
    refused("outside", "top", "--once", path, "--at", "1h")
    refused("nothing between", "top", "--json", path, "--from", "1h")
    refused("nothing between", "flame", path, "--from", "1h", "-o", scratch("x.folded"))
    refused("not a moment", "top", "--once", path, "--at", "12:00", status=2)
    refused("not a time", "top", "--once", path, "--at", "soon", status=2)


@test("what cannot be recorded into is refused, and an existing file is replaced only by force")
def _():
    announce = quiet_target()
    options = ("--interval", "0.05", "--for", "0.2", "-p", announce.pid)
    path = fresh("mine")
    path.write_text("mine")
    refused("--force", "record", "-o", path, *options)
    equal(path.read_text(), "mine", "the file")
    heaptap("record", "--force", "-o", path, *options).ok()
    check(count(path) >= 2, "hardly anything was recorded")
    refused("No such file", "record", "-o", scratch("no/such/folder"), *options)
    refused("no regular file", "record", "-o", "/dev/null", *options)
    refused("no output", "record", *options, status=2)
    refused("--follow", "record", "--follow", "-o", path, *options, status=2)
    gone = fresh("gone")
    refused("4194304", "record", "-o", gone, "-p", "4194304")
    check(not gone.exists(), "a file without anything in it was left")
    folder = scratch("readonly")
    folder.mkdir(exist_ok=True)
    if run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder).status == 0:
        try:
            refused("Read-only", "record", "-o", folder / "x", *options)
        finally:
            run("umount", folder)


@test("with --follow a recording goes on when the service is started again")
def _():
    service = scratch("followed")
    shutil.copy(target(STRIPPED), service)
    path = fresh("follow")
    first = Announce(service)
    recorder = Recorder(path, "--interval", "0.05", "--follow", "-n", "followed")
    recorder.reaches(3)
    pids = [first.pid]
    for _ in range(2):
        harness.end(first.process)
        before = recorder.intervals()
        first = Announce(service)
        pids.append(first.pid)
        recorder.reaches(before + 3)
        wait_until(lambda: len(ask(path, "SELECT DISTINCT process FROM intervals")) == len(pids), "a new process")
        recorder.reaches(recorder.intervals() + 2)
    result = recorder.stop().ok()
    check("3 processes" in result.err, f"the summary: {result.err!r}")
    equal([row[0] for row in ask(path, "SELECT pid FROM processes ORDER BY id")], pids, "the processes")
    ends = [row[0] for row in ask(path, "SELECT end_reason FROM processes ORDER BY id")]
    equal(ends, ["the process has ended"] * 2 + [None], "why they ended")
    recorded = lines(path)
    equal(sorted({line["pid"] for line in recorded}), sorted(pids), "the processes of the lines")
    equal(heaptap("top", path, "--once", "--json", "-p", pids[0]).json()["pid"], pids[0], "the chosen process")
    refused("choose one", "flame", path, "-o", scratch("x.folded"))


@test("several processes go into one file, and one that ends does not end the others")
def _():
    announces = [Announce(target(STRIPPED)) for _ in range(2)]
    path = fresh("several")
    recorder = Recorder(path, "--interval", "0.1", "-p", ",".join(str(a.pid) for a in announces))
    recorder.reaches(6)
    harness.end(announces[0].process)
    wait_until(lambda: ask(path, "SELECT count(end_reason) FROM processes")[0][0] == 1, "the end of one")
    recorder.reaches(recorder.intervals() + 3)
    result = recorder.stop().ok()
    check("2 processes" in result.err, f"the summary: {result.err!r}")
    for announce in announces:
        mine = lines(path, "-p", announce.pid)
        equal({line["pid"] for line in mine}, {announce.pid}, "the chosen process")
        check(len(mine) >= 3, f"only {len(mine)} lines")
    harness.say(f"{len(lines(path))} lines")


@test("a recording ends with its target, and keeps the time in which the target was stopped")
def _():
    announce = quiet_target()
    path = fresh("ended")
    recorder = Recorder(path, "--interval", "0.05", "-p", announce.pid)
    recorder.reaches(3)
    announce.process.send_signal(signal.SIGSTOP)
    recorder.reaches(recorder.intervals() + 3)
    announce.process.send_signal(signal.SIGCONT)
    recorder.reaches(recorder.intervals() + 2)
    announce.ask("exit", 0)
    result = recorder.wait().ok()
    check("ended" in result.err and "recorded" in result.err, f"standard error: {result.err!r}")
    equal(ask(path, "SELECT end_reason FROM processes"), [("the process has ended",)], "why it ended")
    is_sound(path)


harness.main()
