"""The target comes first: heaptap is killed, restarted and doubled under load, the target calls exec and
exits, and what the target checks of its own data keeps passing."""
import json
import os
import random
import signal
import subprocess
import threading
import time

import expect
import harness
from harness import Announce, Stream, check, equal, start, target, test, text_of, wait_until

STRIPPED = "announce-stripped"
ROUNDS = int(os.environ.get("LIFECYCLE_ROUNDS", "40"))


def probes_of(pid):
    """What of heaptap the kernel holds: BPF and perf descriptors of a process."""
    try:
        return [n for fd in os.listdir(f"/proc/{pid}/fd")
                for n in [os.readlink(f"/proc/{pid}/fd/{fd}")] if "bpf" in n or "perf_event" in n]
    except OSError:
        return []


class Trouble(threading.Thread):
    """Stack growth and collections on top of the churn, for as long as it lasts."""

    def __init__(self, announce):
        super().__init__(daemon=True)
        self.announce, self.over, self.failure = announce, threading.Event(), None
        self.start()

    def run(self):
        try:
            while not self.over.is_set():
                self.announce.ask("stackgrow", 3000, 8)
                self.announce.ask("gc")
        except Exception as error:
            self.failure = error

    def finish(self):
        self.over.set()
        self.join(harness.PATIENCE_S)
        check(self.failure is None, f"the target: {self.failure}")


def under_load(variant):
    announce = Announce(target(variant))
    for kind in ("node", "buffer8k", "index", "closure", "pairpointers"):
        announce.ask("alloc", kind, 2000, 2000)
    before = text_of(announce.pid)
    announce.ask("churn", 900, 2, 0)
    return announce, before


def unharmed(announce, before):
    stopped = announce.ask("stop")
    check(stopped["objects"] > 1000, f"the load made only {stopped['objects']} objects")
    announce.ask("check")
    wait_until(lambda: text_of(announce.pid) == before, "the probes to be gone from the target's code")
    announce.ask("gc")
    announce.ask("check")


for variant in (STRIPPED, "announce-noprof-stripped"):
    @test(f"SIGKILL of heaptap at any moment leaves {variant} unharmed", seconds=300)
    def _(variant=variant):
        announce, before = under_load(variant)
        trouble = Trouble(announce)
        moments, attached = random.Random(1), 0
        for number in range(ROUNDS):
            process = start(harness.HEAPTAP, "top", "--json", "--interval", "0.01", "-p", announce.pid,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if number % 2:  # from the first probe on, or from the start, whatever that has come to by then
                wait_until(lambda: probes_of(process.pid) or process.poll() is not None, "a probe", pause=0.001)
            time.sleep(moments.uniform(0, 0.4))  # the moment is what is varied, nothing is waited for
            attached += bool(probes_of(process.pid))
            check(process.poll() is None, f"heaptap ended by itself: {process.poll()}")
            harness.end(process)
        trouble.finish()
        harness.say(f"probes were attached in {attached} of {ROUNDS} kills")
        check(attached > ROUNDS / 4, f"probes were attached in only {attached} of {ROUNDS} kills")
        unharmed(announce, before)


@test("interrupted, terminated or hung up, heaptap detaches and ends with 0")
def _():
    announce, before = under_load(STRIPPED)
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        stream = Stream("--interval", "1h", "-p", announce.pid)  # nobody would wait for its end
        wait_until(lambda: probes_of(stream.process.pid), "a probe")
        equal(stream.stop(how).status, 0, f"exit status after {how.name}")
    unharmed(announce, before)


@test("interrupted while it is still attaching, heaptap does not wait for the window's end")
def _():
    announce = Announce(target(STRIPPED))
    folded = harness.scratch("early.folded")
    for moment in (0.02, 0.05, 0.1, 0.2, 0.3):
        process = start(harness.HEAPTAP, "flame", "--for", "1h", "-o", folded, "-p", announce.pid,
                        stderr=subprocess.PIPE, text=True)
        time.sleep(moment)  # the moment is what is varied, nothing is waited for
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=harness.PATIENCE_S)
        check(len(err.strip().splitlines()) <= 1, f"{moment} s after its start it says:\n{err}")
        harness.end(process)
    announce.ask("check")


@test("attaching and detaching again and again harms nothing and counts the same")
def _():
    announce, before = under_load(STRIPPED)
    trouble = Trouble(announce)
    for _ in range(10):
        line = expect.top_once(announce.pid, "--interval", "0.1")
        expect.no_losses(line, "type_unknown", "counters_torn")
        check(line["rows"], "no rows")
    trouble.finish()
    unharmed(announce, before)


@test("two observers of one process do not disturb each other")
def _():
    announce, before = under_load(STRIPPED)
    first, second = (Stream("--interval", "0.2", "-p", announce.pid) for _ in range(2))
    for stream in (first, second):
        stream.next()
    first.process.kill()
    for _ in range(3):
        check(second.next()["rows"], "no rows after the other observer was killed")
    equal(second.stop().status, 0, "exit status")
    unharmed(announce, before)


@test("a target that calls exec ends the observation with one sentence and goes on")
def _():
    announce = Announce(target(STRIPPED))
    stream = Stream("--interval", "0.2", "-p", announce.pid)
    stream.next()
    again = announce.ask("exec")
    equal(again["pid"], announce.pid, "pid after exec")
    out, err = stream.process.communicate(timeout=harness.PATIENCE_S)
    equal(len(err.strip().splitlines()), 1, f"number of lines:\n{err}\nit")
    check("exec" in err, f"the sentence: {err!r}")
    check(stream.process.returncode in (0, 3), f"exit status {stream.process.returncode}")
    announce.ask("alloc", "buffer8k", 3000, 3000)
    announce.ask("gc")
    equal(expect.names(expect.top_once(announce.pid))[0], "main.buffer8k", "the heaviest type of the new program")
    announce.ask("check")


@test("a target that exits keeps its own exit status, and heaptap says that it is gone")
def _():
    announce = Announce(target(STRIPPED))
    stream = Stream("--interval", "0.2", "-p", announce.pid)
    stream.next()
    announce.ask("exit", 7)
    equal(announce.process.wait(harness.PATIENCE_S), 7, "the target's exit status")
    _, err = stream.process.communicate(timeout=harness.PATIENCE_S)
    equal(len(err.strip().splitlines()), 1, f"number of lines:\n{err}\nit")
    check("ended" in err, f"the sentence: {err!r}")


@test("a stopped target can be observed, and is still stopped afterwards")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("alloc", "buffer8k", 3000, 3000)
    announce.ask("gc")
    announce.process.send_signal(signal.SIGSTOP)
    line = expect.top_once(announce.pid, "--interval", "0.2")
    equal(expect.names(line)[0], "main.buffer8k", "the heaviest type")
    with open(f"/proc/{announce.pid}/stat") as stat:
        equal(stat.read().rsplit(")", 1)[1].split()[0], "T", "the target's state")
    announce.process.send_signal(signal.SIGCONT)
    announce.ask("check")


@test("a deleted executable, as after an upgrade in place, can be observed")
def _():
    copy = harness.scratch("upgraded")
    copy.write_bytes(target(STRIPPED).read_bytes())
    copy.chmod(0o755)
    announce = Announce(copy)
    announce.ask("alloc", "buffer8k", 3000, 3000)
    announce.ask("gc")
    copy.unlink()
    equal(expect.names(expect.top_once(announce.pid))[0], "main.buffer8k", "the heaviest type")
    announce.ask("check")


@test("a target in mount and PID namespaces of its own can be observed")
def _():
    path = target(STRIPPED)
    process = start("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", path,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    check(b'"ready"' in process.stdout.readline(), "the target did not start")
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as children:
        pid = int(children.read().split()[0])
    process.stdin.write(b"alloc buffer8k 3000 3000\ngc\n")
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.readline()
    line = expect.top_once(pid)
    equal(line["pid"], pid, "pid")
    equal(expect.names(line)[0], "main.buffer8k", "the heaviest type")
    stream = Stream("--interval", "0.2", "--by", "site", "--value", "alloc_space", "-p", pid)
    stream.next()
    process.stdin.write(b"alloc page1k 60000 0\n")
    process.stdin.flush()
    process.stdout.readline()
    equal(expect.names(stream.after(expect.now_ns()))[0], "main.makePage1k", "the heaviest site")


@test("when heaptap started the target, it ends it")
def _():
    process = start(harness.HEAPTAP, "top", "--json", "--interval", "0.2", "--", target("churn-stripped"),
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child = None
    while child is None:
        line = process.stdout.readline()
        check(line, "heaptap ended")
        if '"schema"' in line:
            child = json.loads(line)["pid"]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=harness.PATIENCE_S)
    check(not os.path.exists(f"/proc/{child}"), "the child is still there")


harness.main()
