"""The budget: what is chosen, when that changes, what is said of it, and that no more is taken."""
import fcntl
import functools
import json
import os
import re
import sqlite3
import struct
import subprocess
import termios
import time

import expect
import harness
from harness import Announce, Stream, check, equal, heaptap, scratch, start, target, test, wait_until

STRIPPED, NOPROF = "announce-stripped", "announce-noprof-stripped"
LOAD = (2000000, 2, 0)  # gives the sampler's probes some 1,000 hits per second
PIPE_BYTES = 65536


def churn_target():
    """The program that allocates as fast as it can."""
    folder = (harness.toolchains() or [harness.TARGETS])[-1]
    if not (folder / "churn-plain").exists():
        subprocess.run([harness.ROOT / "tests/targets/build.sh", harness.TARGETS], check=True,
                       env=dict(os.environ, TARGETS="churn", VARIANTS="plain"), stdout=subprocess.DEVNULL)
    return folder / "churn-plain"


def start_churn():
    process = start(churn_target(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    json.loads(process.stdout.readline())
    return process


@functools.cache
def tight():
    """A budget in percent of which the sampler's half is 100 hits per second, whatever a trap costs here."""
    announce = Announce(target(STRIPPED))
    trap_ns = expect.top_once(announce.pid, "--interval", "0.2")["cost"]["trap_ns"]
    announce.close()
    return round(2 * 100 * trap_ns * 1e-7, 6)


def text_of(pid):
    """The bytes of the program that the processor runs, as the target has them now."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        exe = os.readlink(f"/proc/{pid}/exe")
        for line in maps:
            if line.split()[1][2] == "x" and line.rstrip().endswith(exe):
                begin, end = (int(x, 16) for x in line.split()[0].split("-"))
                memory.seek(begin)
                return memory.read(end - begin)
    raise harness.Failure(f"no text of {exe} in process {pid}")


def probed(before, pid):
    """How many bytes differ from those of before: one for each probe."""
    return sum(a != b for a, b in zip(before, text_of(pid)))


def until(stream, now, what):
    """Lines up to the first one at that rung."""
    lines = []
    for _ in range(300):
        lines.append(stream.next())
        if lines[-1]["governor"]["now"] == now:
            return lines
    raise harness.Failure(f"{what}: never at '{now}', but {lines[-1]['governor']}")


def taken_ns(lines):
    """CPU time of the target, by the hits that the kernel counted."""
    return sum((l["cost"]["hits_per_s"] or 0) * l["interval_s"] * (l["cost"]["trap_ns"] or 0) for l in lines)


def within_budget(lines, percent):
    allowed = percent / 100 * sum(l["interval_s"] for l in lines) * 1e9
    taken = taken_ns(lines)
    check(taken <= allowed, f"{taken:.0f} ns of a CPU were taken, and {allowed:.0f} are allowed: "
          f"{[(l['governor']['now'], l['cost']['hits_per_s'], l['interval_s']) for l in lines]}")


# ---- the choice ----
@test("an idle program gets the sampler, with rows from the first table on")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("alloc", "buffer8k", 3000, 3000)
    first = expect.top_once(announce.pid, "--interval", "0")
    equal((first["mode"], first["cost"]["probes"]), ("list", 0), "mode and probes of the first snapshot")
    equal(first["rows"][0]["name"], "main.buffer8k", "the first row of the first snapshot")
    line = expect.top_once(announce.pid, "--interval", "0.3")
    governor = line["governor"]
    equal((line["mode"], governor["now"], governor["wanted"]), ("sampler",) * 3, "mode")
    equal(governor["budget_percent"], 1, "budget")
    equal(governor["last_step"]["to"], "sampler", "the last step")
    check(line["cost"]["probes"] >= 2, f"probes: {line['cost']}")


@test("without the sampler the program gets what it can have without it, and with no budget the totals")
def _():
    announce = Announce(target(NOPROF))
    line = expect.top_once(announce.pid, "--interval", "0.3")
    check(line["governor"]["now"] in ("exact", "burst"), f"governor: {line['governor']}")
    line = expect.top_once(announce.pid, "--interval", "0.3", "--budget", "0")
    equal((line["mode"], line["rows"]), ("counters", []), "mode and rows")
    announce.ask("check")


@test("under load the probes go, the budget is kept, all is said, and they come back after it")
def _():
    announce = Announce(target(STRIPPED))
    stream = Stream("--interval", "0.2", "--budget", tight(), "-v", "-p", announce.pid)
    lines = until(stream, "sampler", "idle")
    announce.ask("churn", *LOAD)
    loaded = until(stream, "list", "under load")
    step = loaded[-1]["governor"]["last_step"]
    equal((step["from"], step["to"]), ("sampler", "list"), "the step")
    check(re.search(r"sampler (would take|took) [\d.]+ %.* x [\d.]+ us", step["reason"]), f"reason: {step['reason']}")
    rest = [stream.next() for _ in range(10)]
    for line in rest:
        group = line["governor"]["groups"][0]
        equal((line["mode"], group["name"], group["percent"]), ("list", "sampler", 0), "mode and cost under load")
        check(line["rows"], "no rows under load: what was known is lost")
    announce.ask("stop")
    back = until(stream, "sampler", "after the load")
    equal(back[-1]["governor"]["steps"], 3, "number of steps")
    equal(back[-1]["mode"], "sampler", "mode")
    totals = [l["rows"][0]["alloc_bytes"] for l in (rest[-1], back[-1])]
    check(totals[1] >= totals[0] * 0.9, f"what was allocated is forgotten: {totals}")
    ended = stream.stop()
    said = [l for l in ended.err.splitlines() if " -> " in l]
    equal(len(said), 3, f"number of steps with -v ({ended.err})")
    announce.ask("check")


@test("what was overdrawn is no more than the hits of two turns")
def _():
    announce = Announce(target(STRIPPED))
    stream = Stream("--interval", "0.1", "--budget", tight(), "-p", announce.pid)
    lines = until(stream, "sampler", "idle")
    announce.ask("churn", *LOAD)
    lines += until(stream, "list", "under load")
    announce.ask("stop")
    spent_ns = sum(l["governor"]["groups"][0]["percent"] * l["interval_s"] * 1e7 for l in lines)
    saved_ns = tight() / 2 * sum(l["interval_s"] for l in lines) * 1e7
    turn = re.search(r"sampler took .*\((\d+) hits x", lines[-1]["governor"]["last_step"]["reason"])
    turn_ns = int(turn.group(1)) * lines[-1]["cost"]["trap_ns"] if turn else 0
    check(0 < spent_ns <= saved_ns + 2 * turn_ns, f"spent {spent_ns} ns, saved {saved_ns}, in the last turn {turn_ns}")


@test("a mode that cannot be afforded is left with a sentence, and taken again when it can")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("churn", *LOAD)
    stream = Stream("--interval", "0.2", "--mode", "sampler", "--budget", tight() / 10, "-p", announce.pid)
    line = stream.next()
    governor = line["governor"]
    equal((line["mode"], governor["now"], governor["wanted"]), ("list", "list", "sampler"), "mode")
    check(governor["wanted_percent"] > tight() / 20, f"price of the sampler: {governor}")
    announce.ask("stop")
    until(stream, "sampler", "after the load")
    stream.stop()
    announce.ask("churn", *LOAD)
    out = heaptap("top", "--once", "--mode", "sampler", "--budget", tight() / 10, "-p", announce.pid).ok().out
    check(re.search(r"note +list, not sampler: sampler would take [\d.]+ %", out), f"no note in\n{out}")
    check("CPU" in out or "no probes" in out, f"no budget in\n{out}")


@test("20 million allocations per second stay within the default budget, by the hits")
def _():
    process = start_churn()
    stream = Stream("--interval", "0.5", "-p", process.pid)
    lines = [stream.next() for _ in range(10)]
    check(lines[-1]["heap"]["allocs_per_s"] > 1e5, f"rate: {lines[-1]['heap']}")
    within_budget(lines, 1)
    stream.stop()


@test("with the sampler off a busy program is seen in bursts, and they stay within the default budget")
def _():
    announce = Announce(target(NOPROF))
    announce.ask("churn", *LOAD)
    stream = Stream("--interval", "0.5", "-p", announce.pid)
    lines = [stream.next() for _ in range(10)]
    for line in lines:
        equal(line["governor"]["now"], "burst", "the choice")
    hits = sum(l["cost"]["hits_per_s"] * l["interval_s"] for l in lines)
    check(hits > 0, "no hits at all")
    spent = sum(l["governor"]["spent_percent"] * l["interval_s"] for l in lines) / sum(l["interval_s"] for l in lines)
    check(spent <= 1, f"{spent} % of a CPU in {hits} hits: {[l['governor']['groups'] for l in lines]}")
    within_budget(lines, 1)
    stream.stop()
    announce.ask("stop")


# ---- recordings ----
@test("a recording has a row for each step, and gives it back")
def _():
    announce = Announce(target(STRIPPED))
    path = scratch("steps.heaptap")
    recording = start(harness.HEAPTAP, "record", "--interval", "0.2", "--budget", tight(), "-o", path, "-p",
                      announce.pid, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def has_step(to):
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
                return file.execute("SELECT interval, from_mode, reason FROM steps WHERE to_mode = ?", (to,)).fetchall()
        except sqlite3.OperationalError:
            return []

    wait_until(lambda: has_step("sampler"), "the first choice")
    announce.ask("churn", *LOAD)
    (interval, source, reason), *_ = wait_until(lambda: has_step("list"), "the step down")
    equal(source, "sampler", "where it came from")
    check("sampler" in reason and "%" in reason, f"reason: {reason}")
    recording.send_signal(2)
    recording.wait()
    equal(recording.returncode, 0, "status of the recording")
    lines = [json.loads(l) for l in heaptap("top", path, "--json").ok().out.splitlines()]
    equal(lines[-1]["governor"]["last_step"]["to"], "list", "the last step of the replay")
    equal(lines[-1]["governor"]["budget_percent"], tight(), "the budget of the replay")
    check(any(l["mode"] == "sampler" for l in lines) and lines[-1]["mode"] == "list", "modes of the replay")


# ---- no budget at all ----
@test("with a budget of 0 not a byte of the program's text is changed, whatever is watched")
def _():
    for name, mode in ((STRIPPED, "list"), (NOPROF, "counters")):
        announce = Announce(target(name))
        before = text_of(announce.pid)
        announce.ask("churn", 2000, 1, 0)
        stream = Stream("--interval", "0.2", "--budget", "0", "-p", announce.pid)
        for _ in range(6):
            line = stream.next()
            equal(probed(before, announce.pid), 0, "bytes of text that differ")
            equal((line["mode"], line["cost"]["probes"], line["cost"]["hits_per_s"]), (mode, 0, 0), "mode and cost")
            equal(line["governor"]["spent_percent"], 0, "spent")
        stream.stop()
        announce.ask("stop")
        announce.close()


@test("with a budget the text does differ while probes are there, and not after")
def _():
    announce = Announce(target(STRIPPED))
    before = text_of(announce.pid)
    stream = Stream("--interval", "0.2", "-p", announce.pid)
    until(stream, "sampler", "idle")
    wait_until(lambda: (stream.next()["cost"]["probes"] == probed(before, announce.pid)) and probed(before, announce.pid),
               "a byte for each probe")
    stream.stop()
    equal(probed(before, announce.pid), 0, "bytes of text that differ afterwards")


# ---- who does not wait for us ----
def unread(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe.fileno(), termios.FIONREAD, bytes(4)))[0]


def is_full(pipe):
    """Whether nothing more comes, although lines are made a hundred times a second."""
    before = unread(pipe)
    time.sleep(0.5)
    return before > PIPE_BYTES // 4 and unread(pipe) == before


def watched_bytes(announce, before, stream):
    until(stream, "sampler", "idle")
    return wait_until(lambda: stream.next()["cost"]["probes"] >= 3 and probed(before, announce.pid), "all probes")


@test("the probes go under load even when nobody reads what is printed")
def _():
    announce = Announce(target(STRIPPED))
    before = text_of(announce.pid)
    for kind in announce.ask("kinds")["kinds"]:
        announce.ask("alloc", kind["kind"], 777, 333)
    stream = Stream("--interval", "0.01", "--budget", tight(), "-p", announce.pid)
    all_probes = watched_bytes(announce, before, stream)
    wait_until(lambda: is_full(stream.process.stdout), "a full pipe")
    announce.ask("churn", *LOAD)
    wait_until(lambda: probed(before, announce.pid) <= all_probes - 2, "the sampler's probes to go")
    check(is_full(stream.process.stdout), "somebody read")
    announce.ask("stop")
    stream.process.kill()


@test("the probes go under load while another process is waited for, and come back, however long the interval")
def _():
    first, second = Announce(target(STRIPPED)), Announce(target(STRIPPED))
    before = text_of(second.pid)
    with open(scratch("said"), "w+") as said:
        stream = start(harness.HEAPTAP, "top", "-v", "--json", "--interval", "1h", "--budget", tight(), "-p",
                       f"{second.pid},{first.pid}", stdout=subprocess.DEVNULL, stderr=said)

        def wait(condition, what, seconds=60):
            try:
                return wait_until(condition, what, seconds=seconds)
            except harness.Failure as failure:
                said.seek(0)
                raise harness.Failure(f"{failure}; heaptap said: {said.read()}") from failure

        wait(lambda: probed(before, second.pid), "the probes")
        all_probes = wait(lambda: probed(before, second.pid) > 2 and probed(before, second.pid), "the GC's probes")
        second.ask("churn", *LOAD)
        wait(lambda: probed(before, second.pid) <= all_probes - 2, "the sampler's probes to go")
        second.ask("stop")
        # The GC's stay away for a minute where the load was too much for them as well, and what a late turn let be
        # overdrawn is paid back first: nearly always it is two seconds.
        wait(lambda: probed(before, second.pid) >= all_probes, "all probes to come back", seconds=300)
        stream.kill()


# ---- shares ----
@test("the parts of the budget are no more than all of it, and no one takes more than its part for long")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("churn", *LOAD)
    stream = Stream("--interval", "0.3", "--budget", "5%", "-p", announce.pid)
    lines = [stream.next() for _ in range(10)]
    for line in lines:
        governor = line["governor"]
        parts = sum(g["allowed_percent"] for g in governor["groups"])
        check(parts <= governor["budget_percent"] + 1e-9, f"the parts are {parts}: {governor}")
        spent = sum(g["percent"] for g in governor["groups"])
        harness.near(spent, governor["spent_percent"], 1e-3, "the sum of what was spent")
    within_budget(lines, 5)
    stream.stop()
    announce.ask("stop")


# ---- bad input ----
@test("budgets that are none are refused, and so is a mode that needs probes without a budget")
def _():
    for text in ("", "x", "-1%", "-1", "101%", "nan", "inf", "1e999", "1%%", "1 %1", "%"):
        result = heaptap("top", "--once", "--budget", text, "-p", "1")
        equal(result.status, 2, f"status with --budget {text!r} ({result.err})")
        equal(len(result.sentences()), 1, f"sentences with --budget {text!r}: {result.err}")
        check("budget" in result.err, f"--budget {text!r}: {result.err}")
    announce = Announce(target(STRIPPED))
    for mode in ("burst",):
        result = heaptap("top", "--once", "--budget", "0", "--mode", mode, "-p", announce.pid)
        equal((result.status, result.out), (3, ""), f"status and output of --mode {mode} --budget 0")
        equal(len(result.sentences()), 1, f"sentences: {result.err}")
        check("--budget 0" in result.err and mode in result.err, f"sentence: {result.err}")
    equal(heaptap("top", "--once", "--budget", "0", "--mode", "sampler", "-p", announce.pid).status, 0, "status")


harness.main()
