"""`heaptap top` says what is true of a program that announces what it allocates."""
import os
import re
import shutil

import expect
import harness
from harness import Announce, Stream, check, equal, heaptap, target, test

PLAIN, STRIPPED, NOPROF = "announce-plain", "announce-stripped", "announce-noprof-stripped"

for variant in (PLAIN, STRIPPED):
    @test(f"top names the true sites, types and totals of {variant}")
    def _(variant=variant):
        expect.top_is_true(target(variant))


@test("top names sites and types where the runtime's sampler is off")
def _():
    expect.top_is_true(target(NOPROF))


@test("with every allocation sampled, objects and bytes in use are exact per site")
def _():
    expect.counts_every_object(target(STRIPPED))


@test("totals equal MemStats with objects in every size class and after garbage was freed")
def _():
    announce = Announce(target(STRIPPED))
    for kind in announce.ask("kinds")["kinds"]:
        announce.ask("alloc", kind["kind"], 777, 333)
    expect.totals_equal(announce)
    announce.ask("free")
    announce.ask("gc")
    expect.totals_equal(announce)


@test("the text table names the target, its Go version, and the heaviest type first")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("alloc", "buffer8k", 6000, 6000)
    announce.ask("gc")
    out = heaptap("top", "--once", "-p", announce.pid).ok().out
    check(str(announce.pid) in out, f"no pid in\n{out}")
    check(announce.ready["go"] in out, f"no Go version in\n{out}")
    table = [line for line in out.splitlines() if "main." in line or "runtime." in line]
    check(table and "main.buffer8k" in table[0], f"the first row is not main.buffer8k in\n{out}")
    check("\033" not in out, "escape sequences where there is no terminal")


@test("--filter keeps only what matches, --top only so many, --by every grouping")
def _():
    announce = Announce(target(STRIPPED))
    for kind, count in (("buffer8k", 3000), ("page1k", 20000), ("directory", 20000), ("large100k", 300)):
        announce.ask("alloc", kind, count, count)
    announce.ask("gc")
    rows = expect.top_once(announce.pid, "--filter", "buffer8k|page1k")["rows"]
    equal({r["name"] for r in rows}, {"main.buffer8k", "main.page1k"}, "filtered rows")
    equal(len(expect.top_once(announce.pid, "--top", "1")["rows"]), 1, "number of rows")
    for by in ("type", "site", "package", "generic", "class", "boxing"):
        line = expect.top_once(announce.pid, "--by", by)
        equal(line["by"], by, "grouping")
        check(line["rows"], f"no rows by {by}")
    equal(expect.top_once(announce.pid, "--by", "package")["rows"][0]["name"], "main", "the heaviest package")


@test("every line of a stream has the documented keys, times that rise, and no losses")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("churn", 500, 1, 0)
    stream = Stream("--interval", "0.2", "-p", announce.pid)
    times, rates = [], []
    for _ in range(5):
        line = stream.next()
        expect.has_documented_keys(line)
        # counters_torn: a thread of the target that lost its CPU in the middle of counting
        expect.no_losses(line, "type_unknown", "counters_torn")
        equal(line["pid"], announce.pid, "pid")
        equal(line["go_version"], announce.ready["go"], "Go version")
        times.append(line["time_unix_ns"])
        rates.append(line["heap"]["allocs_per_s"])
    check(times == sorted(set(times)), f"times do not rise: {times}")
    check(max(rates) > 1000, f"allocations per second: {rates}")
    check(line["cost"]["self_rss_bytes"] > 0 and line["cost"]["probes"] >= 0, f"cost: {line['cost']}")
    equal(stream.stop().status, 0, "exit status")
    announce.ask("stop")
    announce.ask("check")


@test("types that are registered are told with their names and callers, and the itab table is whole")
def _():
    announce = Announce(target(STRIPPED))
    stream = Stream("--interval", "0.2", "--top", "1000", "-p", announce.pid)
    stream.next()
    pairs = announce.ask("itabs", 24)
    made = announce.ask("reflecttypes", 16)
    line = stream.after(expect.now_ns())
    expect.registered(line, pairs)
    expect.registered(line, made)
    expect.in_itab_table(line, pairs)
    check(line["types"]["probed"] and line["types"]["note"] is None, f"types: {line['types']['note']}")
    expect.no_losses(line, "type_unknown")
    stream.stop().ok()


@test("--by types is the same as text, with as many rows and itabs as --top says")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("itabs", 24)
    out = heaptap("top", "--once", "--by", "types", "--top", "1000", "-p", announce.pid).ok().out
    check("INTERFACE <- TYPE" in out and "main.namer <- main.mineral[int8]" in out, f"the table is\n{out}")
    check("failed  main.melter <- main.mineral[int8]" in out, f"no failed itab in\n{out}")
    out = heaptap("top", "--once", "--by", "types", "--top", "3", "-p", announce.pid).ok().out
    check("... itabs not shown: " in out, f"the table is\n{out}")
    out = heaptap("top", "--once", "--by", "types", "--filter", "melter", "-p", announce.pid).ok().out
    check("rows hidden by the filter" in out and "namer" not in out, f"the filtered table is\n{out}")


@test("-n finds the process by its name, -- starts it")
def _():
    name = f"tap-{os.getpid()}"  # nobody else's process on this machine has it
    shutil.copy(target(STRIPPED), harness.scratch(name))
    announce = Announce(harness.scratch(name))
    equal(heaptap("top", "--once", "--json", "-n", name).json()["pid"], announce.pid, "pid found by name")
    announce.close()
    line = heaptap("top", "--once", "--json", "--", target("demo-stripped"), "-limit-mib", "100").json()
    equal(line["comm"], "demo-stripped", "name of the started program")
    check(line["heap"]["mallocs"] > 1000, f"the started program's allocations: {line['heap']}")


@test("several processes are shown in turn")
def _():
    both = [Announce(target(STRIPPED)), Announce(target(PLAIN))]
    out = heaptap("top", "--once", "--json", "-p", ",".join(str(a.pid) for a in both)).ok().out
    pids = [int(p) for p in re.findall(r'"pid": ?(\d+)', out)]
    equal(sorted(pids), sorted(a.pid for a in both), "processes shown")


@test("--set-sampling-rate turns a program's sampler on, and off again at the end")
def _():
    announce = Announce(target(NOPROF))
    stream = Stream("--set-sampling-rate", "4096", "--interval", "0.2", "--value", "inuse_space", "--by", "site",
                    "-p", announce.pid)
    stream.next()
    announce.ask("alloc", "page1k", 4000, 4000)
    line = stream.after(expect.now_ns())
    row = next((r for r in line["rows"] if r["name"] == "main.makePage1k"), None)
    check(row, f"main.makePage1k is not among {expect.names(line)}")
    harness.near(row["inuse_bytes"], 4000 * 1024, 0.35, "bytes in use")
    ended = stream.stop()
    equal(ended.status, 0, "exit status")
    check("MemProfileRate" in ended.err, f"no warning about what was written: {ended.err!r}")
    mode = expect.top_once(announce.pid)["mode"]
    check(mode not in ("sampler", "list"), f"mode {mode}: the sampler was left on")
    announce.ask("check")


harness.main()
