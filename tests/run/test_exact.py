"""`--mode exact`: every allocation counted once, its price told before it is paid, and what it recorded."""
import json
import collections
import os
import re
import signal
import subprocess
import time

import every
import harness
import pprof
from harness import Announce, Stream, check, equal, heaptap, probed, scratch, start, target, test, text_of, wait_until

PLAIN = "announce-plain"
USAGE, UNOBSERVABLE = 2, 3


@test("every allocation is counted once, by type, as the program counts them itself")
def _():
    every.counts_every_kind(target(PLAIN))


@test("every allocation is counted once with its whole stack")
def _():
    every.counts_every_kind(target(PLAIN), "--stacks")


@test("call sites are the same with and without whole stacks")
def _():
    without, whole = every.site_rows(target(PLAIN)), every.site_rows(target(PLAIN), "--stacks")
    equal(without, whole, "objects by site")
    check(len(without) > 8, f"only {len(without)} sites")


@test("whole stacks reach main, call sites end where the program begins")
def _():
    for options, reaches in (((), False), (("--stacks",), True)):
        announce = Announce(target(PLAIN))
        counting = every.Counting(announce, *options)
        announce.ask("alloc", "page1k", 100, 0)
        _, line = counting.moment()
        row = next(row for row in line["rows"] if row["name"] == "main.page1k")
        equal(row["stack"][0], "main.makePage1k", "the innermost frame")
        equal("main.main" in row["stack"], reaches, f"main in {row['stack']}")
        counting.close()
        announce.close()


# ---- the price ----
def churning():
    announce = Announce(target(PLAIN))
    announce.ask("churn", 900, 2, 0)
    return announce


@test("what would cost more than the budget is refused with the number, and attaches nothing")
def _():
    for options in ((), ("--stacks",)):
        run = heaptap("top", "--once", "--mode", "exact", *options, "-p", churning().pid)
        equal(run.status, UNOBSERVABLE, "exit status")
        equal(len(run.sentences()), 1, f"number of sentences of {run.err!r}")
        check(re.search(r"[\d.]+[kM] allocations/s would cost [\d.k]+% of a CPU", run.err), run.err)
        check("--force" in run.err and "--mode burst" in run.err, run.err)


@test("a budget of 0 is refused by mode exact")
def _():
    run = heaptap("top", "--once", "--mode", "exact", "--budget", "0", "-p", Announce(target(PLAIN)).pid)
    equal(run.status, UNOBSERVABLE, "exit status")
    equal(len(run.sentences()), 1, f"number of sentences of {run.err!r}")
    check("--budget 0" in run.err, run.err)


@test("--stacks without mode exact is a mistake")
def _():
    run = heaptap("top", "--once", "--stacks", "-p", os.getpid())
    equal((run.status, len(run.sentences())), (USAGE, 1), f"exit status and number of sentences of {run.err!r}")


@test("--force overrides the budget, 0 as well, and for as long as it lasts")
def _():
    for budget in ("1%", "0"):
        line = heaptap("top", "--once", "--json", "--mode", "exact", "--force", "--interval", "2", "--budget", budget,
                       "-p", churning().pid).json()
        check(line["cost"]["probes"] > 0, "no probes are left")
        check(line["cost"]["hits_per_s"] > 1000, f"{line['cost']}")


@test("a quiet program may be counted; when it turns busy the probes come off, with numbers")
def _():
    announce, path = Announce(target(PLAIN)), scratch("busy.heaptap")
    recorder = record(announce, path)
    announce.ask("alloc", "node", 10, 0)
    wait_until(lambda: recorded(path)["main.node"] == (10, 480), "the first objects")
    announce.ask("churn", 900, 2, 0)
    wait_until(lambda: "not exact" in shown(path), "the probes to come off")
    end(recorder)
    lines = [json.loads(line) for line in heaptap("top", path, "--json").ok().out.splitlines()]
    step = lines[-1]["governor"]["last_step"]
    equal((step["from"], step["to"]), ("exact", "burst"), "the step")
    check(re.search(r"exact (took|would take) [\d.e+]+ % of a CPU", step["reason"]), step["reason"])
    counted = [row["alloc_objects"] for line in lines if line["mode"] == "exact" for row in line["rows"]
               if row["name"] == "main.node"]
    check(counted and counted[-1] >= 10, "what was counted is forgotten")


# ---- what is made of it ----
def record(announce, path, *options):
    """Recording has begun: what is allocated from here on is counted."""
    process = start(harness.HEAPTAP, "record", "--mode", "exact", "--interval", "0.2", "-o", path, *options, "-p",
                    announce.pid, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: process.poll() is not None or path.exists() and
               heaptap("top", path, "--once").status == 0, "the first interval")
    return process


def end(recorder):
    recorder.send_signal(signal.SIGINT)
    _, err = recorder.communicate(timeout=harness.PATIENCE_S)
    equal(recorder.returncode, 0, f"exit status ({err})")


def shown(path):
    return heaptap("top", path, "--once").ok().out


def recorded(path):
    line = heaptap("top", path, "--once", "--json", "--value", "alloc_objects", "--top", "1000").json()
    equal(line["mode"], "exact", "mode of the recording")
    return collections.defaultdict(int, every.by_type(line))


def objects_at(profile, function):
    """Objects that the function itself allocated, too few to let a collection begin there."""
    return pprof.by_function(pprof.read(profile), "alloc_objects")[function]


@test("a recording of mode exact says the same numbers as live, as a table and as a profile")
def _():
    announce, path, profile = Announce(target(PLAIN)), scratch("exact.heaptap"), scratch("exact.pb.gz")
    recorder = record(announce, path, "--force")
    announce.ask("alloc", "node", 1234, 0)
    announce.ask("alloc", "page1k", 567, 0)
    wait_until(lambda: recorded(path)["main.page1k"] == (567, 567 * 1024), "both types to be recorded")
    end(recorder)
    equal(recorded(path)["main.node"], (1234, 1234 * 48), "objects and bytes of main.node")
    heaptap("flame", path, "-o", profile).ok()
    equal(objects_at(profile, "main.makeNode"), 1234, "objects of main.makeNode in the profile")


EXACT = ("--mode", "exact", "--force", "--stacks", "--interval", "0.2")


def all_probes(announce):
    """How many breakpoints this makes."""
    stream = Stream(*EXACT, "-p", announce.pid)
    stream.next()
    count = probed(announce.text, announce.pid)
    stream.stop().ok()
    return count


def flame_of_window(announce, profile, count, seconds):
    """Allocates at its own pace while flame has its probes. Objects that were made in the window for certain, since it
    is no shorter than that from when heaptap started, and all that may have been."""
    began, certain, made = time.monotonic(), 0, 0
    process = start(harness.HEAPTAP, "flame", *EXACT, "--for", f"{seconds}s", "-o", profile, "-p", announce.pid,
                    stderr=subprocess.PIPE, text=True)
    wait_until(lambda: probed(announce.text, announce.pid) == count or process.poll() is not None, f"{count} probes")
    while process.poll() is None:
        made += announce.ask("alloc", "node", 10, 0)["count"]
        if time.monotonic() < began + seconds - 0.1:  # half an interval
            certain = made
        time.sleep(0.02)
    equal((process.returncode, process.stderr.read()), (0, ""), "status and standard error")
    return certain, made


@test("flame in mode exact holds what was allocated in its window")
def _():
    announce, profile = Announce(target(PLAIN)), scratch("window.pb.gz")
    announce.text = text_of(announce.pid)
    count, certain, seconds = all_probes(announce), 0, 2
    while not certain:  # on a busy machine such a window may be over before anything is allocated
        certain, made = flame_of_window(announce, profile, count, seconds)
        seconds *= 2
        counted = objects_at(profile, "main.makeNode")
        check(certain <= counted <= made, f"{counted} objects of main.makeNode in the profile, not {certain} to {made}")


@test("the modes in the help are those that there are")
def _():
    text = heaptap("help", "top").ok().out
    err = heaptap("top", "--mode", "nonesuch", "-p", "1").err
    for mode in ("auto", "sampler", "exact", "burst", "counters"):
        check(mode in err and re.search(rf"--mode MODE .*\b{mode}\b", text), f"{mode} is missing")


harness.main()
