"""`heaptap check` as its user has it in CI: a gate that passes, that fails, and that refuses to guess."""
import json
import os
import pathlib
import re
import signal
import subprocess
import xml.etree.ElementTree

import harness
from gating import BROKEN, FAILED, KEPT, REFUSED, USAGE, environment, gate, result
from harness import Announce, check, equal, heaptap, scratch, target, test

PLAIN = "announce-plain"
OPERATIONS = 100
FEW_OPERATIONS = 10  # each of which can be counted within the budget, whatever a trap costs

PROGRAM = """package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

type Item struct{ words [8]uint64 }

var (
	kept  []*Item
	bytes []byte
)

//go:noinline
func makeItem() *Item { return new(Item) }

//go:noinline
func operate(size int) { bytes = make([]byte, size) }

func number(i int) int {
	value, _ := strconv.Atoi(os.Args[i])
	return value
}

// items COUNT STATUS: makes them, says what MemStats says, ends. steps COUNT BYTES OPERATIONS: as many of these each.
func main() {
	if os.Args[1] == "steps" {
		due := time.Now() // by the clock: what comes late on a busy machine is made up for
		for i := 0; i < number(2); i++ {
			for j := 0; j < number(4); j++ {
				operate(number(3))
			}
			due = due.Add(time.Millisecond)
			time.Sleep(time.Until(due))
		}
		return
	}
	for i := 0; i < number(2); i++ {
		if item := makeItem(); i%100 == 0 {
			kept = append(kept, item)
		}
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println(stats.Mallocs)
	os.Exit(number(3))
}
"""
MANY = """package main

import "testing"

func TestMany(t *testing.T) {
	for i := 0; i < 200000; i++ {
		kept = append(kept, makeItem())
	}
}
"""
FEW = """package few

import "testing"

func TestFew(t *testing.T) { %s }
"""

def newest_go():
    """The newest toolchain that was fetched; Debian's where there is none."""
    cache = pathlib.Path(os.environ.get("HEAPTAP_CACHE", "/var/tmp/heaptap"))
    return str(max(cache.glob("go/bin/go1.*"), key=lambda path: int(path.name.split(".")[1]), default="go"))


def module():
    folder = scratch("module")
    if folder.exists():
        return folder
    (folder / "few").mkdir(parents=True)
    (folder / "go.mod").write_text("module example.com/gate\n\ngo 1.19\n")
    (folder / "main.go").write_text(PROGRAM)
    (folder / "main_test.go").write_text(MANY)
    (folder / "few/few_test.go").write_text(FEW % "")
    (folder / "few/few.go").write_text("package few\n")
    return folder


def program(go="go"):
    """The program, built by this go."""
    path = module() / f"program-{harness.go_version(go)}"
    if not path.exists():
        subprocess.run([go, "build", "-o", path.name, "."], cwd=module(), env=environment(), check=True)
    return path


@test("a running process passes and fails the same limit, by what it did")
def _():
    announce = Announce(target(PLAIN), ANNOUNCE_RATE="4096")  # a second of a busy machine has samples, too
    announce.ask("churn", 900, 2, 0)
    where = ("--interval", "100ms", "--for", "1500ms", "-p", announce.pid)
    run = gate(KEPT, "--max-goroutines", "100k", "--max-rss", "100GiB", *where)
    equal(run.out, "2 limits kept\n", "what is said of limits that are kept")
    run = gate(BROKEN, "--max-goroutines", "1", "--max-mallocs", "1", "--max-rss", "100GiB", *where)
    check(re.search(r"^BROKEN +max-mallocs: .* \(exact\), the limit is 1$", run.out, re.M), run.out)
    check(re.search(r"^ +main\.\S+ \S+\.go:\d+", run.out, re.M), f"no place in\n{run.out}")
    check("1 limit kept, 2 limits broken" in run.out, run.out)


@test("a type that allocates too much is found by its glob, with the site that makes it")
def _():
    announce = Announce(target(PLAIN))
    announce.ask("churn", 900, 2, 0)
    run = gate(BROKEN, "--max-alloc-rate", "main.makePage*=1", "--mode", "exact", "--force", "--interval", "200ms",
               "--for", "1s", "-p", announce.pid)
    check("max-alloc-rate main.makePage*" in run.out and "main.makePage1k" in run.out, run.out)
    check("(exact)" in run.out, run.out)


@test("a command is judged by its whole life: what it counts itself and its last few objects", seconds=300)
def _():
    for go in {"go", newest_go()}:
        for count in (10, 100_000):
            binary, out = program(go), scratch("check.json")
            run = gate(KEPT, "--json", "-o", out, "--max-mallocs", "1G", "--", binary, "items", count, 0)
            limit = json.loads(out.read_text())["parts"][0]["limits"][0]
            own = int(run.out)
            equal(limit["kind"], "exact", "the kind")
            # what Println, and the runtime in exiting, make after MemStats were read
            check(own <= limit["value"] <= own + 100, f"{limit['value']} objects, and it counts {own} itself")
            gate(KEPT, "--max-mallocs", int(limit["value"]) + 100, "--", binary, "items", count, 0)
            gate(BROKEN, "--max-mallocs", own - 50, "--", binary, "items", count, 0)


@test("the command's output, input and exit status are its own; a broken limit and a refusal come before its failure")
def _():
    binary = program()
    run = gate(FAILED, "--max-mallocs", "1G", "--", binary, "items", 10, 7)
    check("the command itself ended with 7" in run.out, run.out)
    equal(result(BROKEN, "--max-mallocs", "1", "--", binary, "items", 10, 7)["command_status"], 7, "its status")
    gate(REFUSED, "--max-mallocs", "main.Item=1", "--", binary, "items", 10, 7)
    run = heaptap("record", "--wrap", "-o", scratch("wrapped-%p"), "--", binary, "items", 10, 7)
    equal((run.status, run.err), (7, ""), "status and errors of a wrapped command")
    check(re.fullmatch(r"\d+\n", run.out), f"its output is {run.out!r}")


class Wrapped(Announce):
    """The target with a recorder around it, which sees it to its exit."""

    def __init__(self, recording):
        self.process = harness.start(harness.HEAPTAP, "record", "--wrap", "-o", recording, "--interval", "50ms", "--",
                                     target(PLAIN), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE)
        self.ready = self.answer()
        self.pid = self.ready["pid"]


@test("a program that is seen to its exit gets its signals, its leading thread too")
def _():
    wrapped = Wrapped(scratch("signals.heaptap"))
    for _ in range(200):
        os.kill(wrapped.pid, signal.SIGURG)  # what Go's scheduler sends all the time
    wrapped.ask("alloc", "page1k", 5000, 0)
    os.kill(wrapped.pid, signal.SIGSTOP)
    harness.wait_until(lambda: stopped(wrapped.pid), "the program to stop")
    os.kill(wrapped.pid, signal.SIGCONT)
    wrapped.ask("check")
    os.kill(wrapped.pid, signal.SIGTERM)
    equal(wrapped.process.wait(harness.PATIENCE_S), -signal.SIGTERM, "how it ends, as the program itself did")
    gate(BROKEN, "--max-mallocs", "1k", scratch("signals.heaptap"))


def stopped(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "Tt"


@test("a program outlives the heaptap that follows it to its exit, unharmed")
def _():
    wrapped = Wrapped(scratch("outlived.heaptap"))
    wrapped.ask("churn", 900, 2, 0)
    harness.wait_until(scratch("outlived.heaptap").exists, "the recording")
    wrapped.process.kill()
    wrapped.process.wait()
    wrapped.ask("check")
    tracer = re.search(r"TracerPid:\s*(\d+)", pathlib.Path(f"/proc/{wrapped.pid}/status").read_text()).group(1)
    equal(tracer, "0", "its tracer")
    os.kill(wrapped.pid, signal.SIGKILL)


@test("check that is asked to end ends its command, judges what it has seen, and leaves no file")
def _():
    temporary = scratch("temporary")
    temporary.mkdir()
    gate_process = harness.start(harness.HEAPTAP, "check", "--max-mallocs", "1", "--", target(PLAIN),
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=dict(os.environ, TMPDIR=str(temporary)))
    pid = json.loads(gate_process.stdout.readline())["pid"]
    harness.wait_until(lambda: any(temporary.glob("*/*.heaptap")), "a recording")
    gate_process.send_signal(signal.SIGTERM)
    gate_process.wait(harness.PATIENCE_S)
    check(gate_process.returncode in (BROKEN, REFUSED), f"exit status {gate_process.returncode}")
    check(not pathlib.Path(f"/proc/{pid}").exists(), "the command is still there")
    equal(list(temporary.iterdir()), [], "files that are left")


@test("what is no Go program, and what ends before it begins, is refused and not passed")
def _():
    run = gate(REFUSED, "--max-rss", "1GiB", "--", "true")
    check("not a Go program" in run.out, run.out)
    gate(REFUSED, "--max-rss", "1GiB", "--", "/no/such/program")
    run = gate(FAILED, "--max-rss", "1GiB", "--", "go", "test", "./nowhere", cwd=module(), env=environment())
    check("before a Go process was seen" in run.err, run.err)


@test("losses that spoil a limit refuse it and no other")
def _():
    recording = scratch("lossy.heaptap")
    heaptap("record", "-o", recording, "--interval", "50ms", "--", program(), "steps", 500, 1024, OPERATIONS).ok()
    where = ("--max-mallocs", "1G", "--max-rss", "1GiB", recording)
    gate(KEPT, *where)
    subprocess.run(["sqlite3", recording, 
                    "INSERT INTO losses SELECT min(id), 'counters_torn', 3 FROM intervals"], check=True)
    value = result(REFUSED, *where)
    equal([limit["answer"] for limit in value["parts"][0]["limits"]], ["refused", "kept"], "answers")
    check("counters_torn 3" in value["parts"][0]["limits"][0]["why"], str(value))


@test("too few intervals are refused with how many are needed")
def _():
    run = gate(REFUSED, "--max-heap-growth", "1GiB", "--", program(), "items", 10, 0)
    check(re.search(r"\d+ intervals were seen, 8 are needed", run.out), run.out)


@test("go test: each test binary is judged, and its failure is the command's", seconds=400)
def _():
    for go in {"go", newest_go()}:
        where = ("--", go, "test", "./...")
        options = {"cwd": module(), "env": environment(), "seconds": 200}
        value = result(BROKEN, "--max-mallocs", "100k", *where, **options)
        answers = {part["name"]: part["limits"][0]["answer"] for part in value["parts"]}
        equal(answers, {"gate.test": "broken", "few.test": "kept"}, "answers by test binary")
        broken = next(part for part in value["parts"] if part["name"] == "gate.test")["limits"][0]
        check(broken["places"][0]["name"].endswith(".makeItem"), str(broken["places"]))
        gate(KEPT, "--max-mallocs", "1M", *where, **options)
    (module() / "few/few_test.go").write_text(FEW % 't.Error("on purpose")')
    run = gate(FAILED, "--max-mallocs", "1M", *where, **options)
    check("on purpose" in run.out, run.out)
    (module() / "few/few_test.go").write_text(FEW % "")


@test("a recording is judged like the process, and the result is text, markdown, JSON and JUnit", seconds=300)
def _():
    recording, junit = scratch("steps.heaptap"), scratch("junit.xml")
    heaptap("record", "-o", recording, "--interval", "50ms", "--", program(), "steps", 500, 1024, OPERATIONS).ok()
    where = ("--max-mallocs", "1k", "--max-rss", "1GiB", "--max-mallocs", "<&\"'>=1G", "--max-heap-growth", "1GiB")
    run = gate(BROKEN, *where, "--junit", junit, recording)
    check(re.search(r"^BROKEN +max-mallocs: ", run.out, re.M), run.out)
    text = gate(BROKEN, *where, "--markdown", recording).out
    check(text.startswith("## program-go") and "\n- **BROKEN** max-mallocs: " in text, f"in markdown\n{text}")
    value = result(BROKEN, *where, recording)
    check(50_000 <= value["parts"][0]["limits"][0]["value"] < 52_000, str(value["parts"][0]["limits"][0]))
    suites = xml.etree.ElementTree.parse(junit).getroot()
    equal([suite.tag for suite in suites], ["testsuite"], "suites")
    equal((suites[0].get("tests"), suites[0].get("failures")), ("4", "1"), "tests and failures")
    names = [case.get("name") for case in suites[0]]
    equal(names, ["max-mallocs", "max-rss", "max-mallocs <&\"'>", "max-heap-growth"], "cases")
    failure = suites[0][0].find("failure")
    check("the limit is 1.00k" in failure.get("message"), failure.get("message"))
    check("main.operate" in failure.text, failure.text)


def found_out(limits, *arguments):
    """The answers of the run that breaks these limits. A busy machine may make the program so much slower in one run, or
    so uneven, that the gate rightly does not."""
    path = scratch("found-out.json")

    def look():
        run = heaptap("check", "--json", "-o", path, *arguments)
        answers = {limit["limit"]: limit["answer"] for limit in json.loads(path.read_text())["parts"][-1]["limits"]}
        return run.status == BROKEN and all(answers.get(limit) == "broken" for limit in limits) and answers

    return harness.wait_until(look, f"a run that breaks {limits}", 200)


@test("against a baseline the same program passes, and one that allocates four times as much per operation fails",
      seconds=400)
def _():
    recording, exact = scratch("baseline.heaptap"), ("--mode", "exact", "--force")
    heaptap("record", "-o", recording, *exact, "--interval", "50ms", "--", program(), "steps", 1500,
            1024, OPERATIONS).ok()
    where = ("--baseline", recording, "--max-regression", "40%", "--by", "site")
    value = result(KEPT, *where, recording)
    answers = {limit["limit"]: limit["answer"] for limit in value["parts"][-1]["limits"]}
    equal(set(answers.values()), {"kept"}, f"answers {answers}")
    answers = found_out(("alloc_bytes", "main.operate"), *where, *exact, "--", program(), "steps", 1500, 4096, OPERATIONS)
    equal(answers["goroutines"], "kept", f"goroutines of {answers}")
    run = gate(REFUSED, "--baseline", recording, "--", program(), "items", 10, 0)
    check("6 are needed" in run.out, run.out)


@test("per call of a function, runs are held against a baseline: neither their load nor how long they took matters",
      seconds=300)
def _():
    recording = scratch("per-call.heaptap")
    counted = ("--cache", "main.operate", "--budget", "100%", "--interval", "50ms")
    heaptap("record", "-o", recording, *counted, "--", program(), "steps", 1500, 1024, FEW_OPERATIONS).ok()

    def per_call(status, size, answer):
        value = result(status, "--baseline", recording, "--per", "main.operate", "--max-regression", "60%", "--runs", 2,
                       *counted, "--", program(), "steps", 1000, size, FEW_OPERATIONS)
        limits = {limit["limit"]: limit for limit in value["parts"][-1]["limits"]}
        equal((limits["alloc_bytes"]["answer"], limits["alloc_objects"]["answer"]), (answer, "kept"),
              f"bytes and objects of {limits}")
        return limits["alloc_bytes"]["value"]

    growth = per_call(KEPT, 1024, "kept")
    check(abs(growth) < 0.02, f"growth of the same program: {growth}")
    harness.near(per_call(BROKEN, 2048, "broken"), 1, 0.02, "growth of one that makes twice as much in each call")


@test("a baseline of another program or Go version is said", seconds=300)
def _():
    recording = scratch("other.heaptap")
    heaptap("record", "-o", recording, "--interval", "50ms", "--", program(newest_go()), "steps", 400, 1024, OPERATIONS).ok()
    run = heaptap("check", "--baseline", recording, "--", program(), "steps", 400, 1024, OPERATIONS)
    if harness.go_version(newest_go()) != harness.go_version("go"):
        check("another Go version" in run.err and "another program" in run.err, run.err)


@test("runs: each is judged, and they are one side against the baseline", seconds=300)
def _():
    value = result(BROKEN, "--runs", "3", "--max-mallocs", "1k", "--", program(), "items", 5000, 0)
    equal([part["limits"][0]["answer"] for part in value["parts"]], ["broken"] * 3, "answers")
    gate(USAGE, "--runs", "3", "--max-mallocs", "1k", "-p", os.getpid())


@test("limits of a file are those of the command line; what is wrong is told with its line and the nearest name")
def _():
    limits, recording = scratch("limits"), scratch("file.heaptap")
    heaptap("record", "-o", recording, "--interval", "50ms", "--", program(), "steps", 200, 1024, OPERATIONS).ok()
    limits.write_text("# the gate\nmax-rss 1GiB\nmax-mallocs 1k # few\n")
    check("max-mallocs" in gate(BROKEN, "--limits", limits, recording).out, "the broken one is named")
    limits.write_text("max-rss 1GiB\nmax-malocs 1k\n")
    run = gate(USAGE, "--limits", limits, recording)
    check(":2: there is no limit 'max-malocs'; did you mean 'max-mallocs'?" in run.err, run.err)
    check("did you mean '--max-rss'?" in gate(USAGE, "--max-rsss", "1GiB", recording).err, "the nearest option")
    check("did you mean 'MiB'?" in gate(USAGE, "--max-rss", "1MB", recording).err, "the nearest unit")
    check("would always pass" in gate(USAGE, recording).err, "no limit at all")
    check("would always pass" in gate(USAGE, "--max-metadata-share", "140%", recording).err, "a share above all")
    gate(KEPT, "--max-alloc-rate", "100GiB/s", recording)
    check("did you mean 'MiB'?" in gate(USAGE, "--max-alloc-rate", "1MB/s", recording).err, "the nearest unit of a rate")


harness.main()
