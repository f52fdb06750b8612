"""`heaptap report` as its user has it, and the incident from end to end: the service as it was and mended, under
the same load, is recorded, explained, compared and held against a gate, round after round."""
import json
import os

import harness
from harness import Announce, check, equal, heaptap, scratch, start, target, test

SERVICE = "incident-stripped"
RATE = 2000
RECORDED = "12s"
WARM = 12000  # requests
SAMPLING = 32768  # at the default of 512 KiB twelve seconds are too few samples to be sure of a share near the threshold
ROUNDS = int(os.environ.get("REPORT_ROUNDS", "2"))
CAUSES = {"metadata_share", "reflect_types"}
GROWTH = {"heap_growth", "steady_growth"}


class Service:
    """The service under its load, once its cache is no longer small: growing from nothing it allocates at an
    ever slower rate, which is no comparison."""

    def __init__(self, *options):
        self.process = start(target(SERVICE), "-rate", RATE, *options, "-sampling-rate", SAMPLING, "-for", "120s",
                             stdin=harness.subprocess.PIPE, stdout=harness.subprocess.PIPE, text=True,
                             env=dict(os.environ, GOGC="25"))
        self.process.stdout.readline()

    def warm(self):
        harness.wait_until(lambda: self.requests() > WARM, "the service to be warm", pause=0.2)
        return self.process

    def requests(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["requests"]


def recorded_together(name, *variants, options=()):
    """Recordings of services that run at the same time, so that the machine is the same for all. They collect
    often, as growth is told from what collections leave."""
    services = [service.warm() for service in [Service(*options) for options in variants]]
    files = [scratch(f"{name}-{i}.heaptap") for i in range(len(variants))]
    recorders = [start(harness.HEAPTAP, "record", "-p", service.pid, "--for", RECORDED, "--interval", "100ms", "-o", file, *options,
                       stderr=harness.subprocess.PIPE) for service, file in zip(services, files)]
    for recorder in recorders:
        equal(recorder.wait(harness.PATIENCE_S), 0, f"the recorder's exit status ({recorder.stderr.read()})")
    for service in services:
        harness.end(service)
    return files


def findings(file):
    report = json.loads(heaptap("report", file, "--json").ok().out)
    return {finding["rule"]: finding for finding in report["findings"]}


def total(diff, name):
    return next(row for row in diff["totals"] if row["name"] == name)


def explain(bad, mended):
    found = findings(bad)
    check(CAUSES <= set(found) and GROWTH & set(found), f"found in the service as it was: {set(found)}")
    share = found["metadata_share"]["numbers"][0]
    check(share["low"] <= share["value"] <= share["high"] and share["kind"] == "sampled", f"the share is {share}")
    equal(set(findings(mended)), set(), "what is found in the mended service")


def compare(bad, mended, again):
    """Allocation differs beyond doubt, and not between two runs of the same."""
    diff = json.loads(heaptap("diff", mended, bad, "--json").ok().out)
    for name in ("alloc_bytes", "alloc_objects"):
        row = total(diff, name)
        check(row["change"] == "grown" and row["p"] < 0.05, f"{name} of the service as it was: {row}")
    equal(heaptap("check", "--baseline", mended, bad).status, 1, "check of the service as it was")
    run = heaptap("check", "--baseline", mended, again)
    equal(run.status, 0, f"check of the mended service\n{run.out}{run.err}")


@test(f"the incident is explained, compared and stopped by the gate, {ROUNDS} times without a verdict that flips",
      seconds=60 + 60 * ROUNDS)
def _():
    for i in range(ROUNDS):
        bad, mended, again = recorded_together(f"round-{i}", [], ["-mended"], ["-mended"])
        explain(bad, mended)
        compare(bad, mended, again)
        for file in (bad, mended, again):
            file.unlink()


@test("twice the load is twice the allocation per second, and none per call of what handles it")
def _():
    handler = "main.(*Service).Handle"
    slow, fast = recorded_together("load", ["-mended", "-rate", RATE // 2], ["-mended", "-rate", RATE],
                                   options=("--cache", handler))
    diff = json.loads(heaptap("diff", slow, fast, "--json").ok().out)
    equal(total(diff, "alloc_objects")["change"], "grown", "objects per second")
    diff = json.loads(heaptap("diff", slow, fast, "--json", "--per", handler).ok().out)
    for name in ("alloc_bytes", "alloc_objects"):
        row = total(diff, name)
        check(row["change"] == "same", f"{name} per call: {row}")
    harness.near(total(diff, "alloc_bytes")["after"], total(diff, "alloc_bytes")["before"], 0.2, "bytes per call")
    run = heaptap("diff", slow, fast, "--per", "main.noSuchFunction")
    check(run.status != 0 and "main.noSuchFunction" in run.err, f"{run.status}: {run.err}")


@test("a quiet process has nothing wrong, and the report says what was looked at and what could not be")
def _():
    announce = Announce(target("announce-stripped"))
    run = heaptap("report", "-p", announce.pid, "--for", "1s", "--interval", "100ms").ok()
    check("Nothing is wrong, as far as was looked:" in run.out and "Could not be looked at:" in run.out, run.out)
    check("LOST" not in run.out, run.out)


@test("a report is text, markdown or JSON, on standard output or in a file, and each rule answers in JSON")
def _():
    announce = Announce(target("announce-stripped"))
    file, out = scratch("quiet.heaptap"), scratch("report.md")
    heaptap("record", "-p", announce.pid, "--for", "1s", "--interval", "100ms", "-o", file).ok()
    heaptap("report", file, "--markdown", "-o", out).ok()
    check(out.read_text().startswith("# announce-stripp"), out.read_text())
    report = json.loads(heaptap("report", file, "--json").ok().out)
    equal(report["schema"], "heaptap.report/1", "schema")
    check(len(report["rules"]) > 10, f"{len(report['rules'])} rules")
    check({rule["answer"] for rule in report["rules"]} <= {"quiet", "blind"}, f"answers: {report['rules']}")
    check(all(rule["why"] for rule in report["rules"] if rule["answer"] == "blind"), f"a blind rule does not say why")


@test("thresholds are options: what one calls too much another does not")
def _():
    bad, = recorded_together("threshold", [])
    check("metadata_share" in findings(bad), "the metadata is not found")
    strict = json.loads(heaptap("report", bad, "--json", "--metadata-share", "99%").ok().out)
    check("metadata_share" not in {finding["rule"] for finding in strict["findings"]}, "it is found beyond 99 %")


@test("what cannot be reported on is refused with a sentence")
def _():
    run = heaptap("report", scratch("none.heaptap"))
    equal(run.status, 2, "exit status without a file")
    run = heaptap("report", harness.ROOT / "Makefile")
    check(run.status == 3 and "Makefile" in run.err, f"{run.status}: {run.err}")
    run = heaptap("report", "--json", "--markdown", "-p", os.getpid())
    equal(run.status, 2, "exit status of two formats at once")


harness.main()
