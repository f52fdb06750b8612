"""Each pattern of the incident beside its counter-example: heaptap tells them apart, with the numbers that
the target says are true of itself."""
import time

import harness
from harness import Announce, Stream, check, equal, heaptap, near, skip, target, test

STRIPPED = "patterns-stripped"
PAYLOAD_BYTES = 64  # of each operation, in every variant
BACKGROUND = 0.02   # of what is allocated, for what the runtime and the target's answers allocate besides
WORK = 4000
PER_SECOND = 2500


def version():
    return harness.toolchains()[-1].name


def pattern(name, variant, rate="1"):
    """One that has done everything once. With a rate of 1 the runtime samples every allocation, so that
    nothing has to be estimated."""
    made = Announce(target(STRIPPED), name, variant, PATTERNS_RATE=rate)
    made.ask("work", 100)
    return made


def worked(announce, by, *options, work=WORK):
    """The line after so many operations, and what the target says of them."""
    stream = Stream("--interval", "0.2", "--by", by, "--value", "alloc_space", "--top", "0", *options,
                    "-p", announce.pid)
    stream.next()
    before = announce.ask("truth")
    after = announce.ask("work", work)
    line = stream.after(time.time_ns())
    stream.stop()
    return line, {k: v - before[k] for k, v in after.items() if not isinstance(v, bool)}


def watched(announce, by, *options):
    """By exact probes: what a steady rate of operations allocates, with nothing of it left out."""
    announce.ask("run", PER_SECOND)
    stream = Stream("--mode", "burst", "--budget", "100%", "--max-stall", "1s", "--interval", "1", "--by", by,
                    "--value", "alloc_space", "--top", "0", *options, "-p", announce.pid)
    stream.next()
    line = stream.next()
    stream.stop()
    announce.ask("truth")
    return line


def rows_of(line, function):
    """The rows whose stack goes through a function of the target, by type."""
    return {row["type"]: row for row in line["rows"]
            if any(frame.startswith(function) for frame in row["stack"]) and row["alloc_bytes"]}


# ---- (a) boxing ----
BOXED = {"main.Measurement", "string", "int64", "main.Series"}


@test("boxing is what the target says it boxed, byte for byte, where every allocation is sampled")
def _():
    line, truth = worked(pattern("boxing", "bad"), "boxing")
    rows = rows_of(line, "main.boxMeasurements")
    equal(set(rows), BOXED, "types that are boxed")
    equal(rows["main.Measurement"]["alloc_objects"], WORK, "boxed measurements")
    equal(rows["string"]["alloc_objects"], WORK, "boxed strings")
    equal(rows["main.Series"]["alloc_objects"], WORK, "boxed series")
    # two numbers share a block of the tiny allocator, and the first may have been there before
    bytes_seen = sum(row["alloc_bytes"] for row in rows.values())
    check(abs(bytes_seen - truth["boxed_bytes"]) <= 16, f"boxed bytes: {bytes_seen}, not {truth['boxed_bytes']}")
    for kind, row in rows.items():
        into = "main.Summer" if kind == "main.Series" else "interface {}"
        equal(row["name"], f"{kind} -> {into} in main.boxMeasurements", "a row's name")
    equal([row["name"] for row in line["rows"] if row["alloc_bytes"]][-1], "(not boxed)", "the last row with a value")
    share = truth["boxed_bytes"] / (truth["boxed_bytes"] + truth["payloads"] * PAYLOAD_BYTES)
    near(line["boxing"]["bytes_share"], share, BACKGROUND, "share of boxing")


@test("type parameters in place of interfaces leave nothing boxed")
def _():
    line, truth = worked(pattern("boxing", "good"), "boxing")
    equal(truth["boxed"], 0, "boxed values")
    equal(rows_of(line, "main.keepMeasurements"), {}, "boxed types")
    check(line["boxing"]["bytes_share"] < BACKGROUND, f"share of boxing: {line['boxing']}")


@test("mode exact counts every boxed value, object for object and byte for byte")
def _():
    for variant in ("bad", "good"):
        announce = pattern("boxing", variant, rate="0")
        line, truth = worked(announce, "boxing", "--mode", "exact", "--force")
        rows = rows_of(line, "main.boxMeasurements")
        equal(sum(row["alloc_objects"] for row in rows.values()), truth["boxed"], f"{variant}: boxed values")
        equal(sum(row["alloc_bytes"] for row in rows.values()), truth["boxed_bytes"], f"{variant}: boxed bytes")
        announce.close()


@test("windows of exact probes see the same share of boxing")
def _():
    for variant, share in (("bad", 4 / 5), ("good", 0)):
        line = watched(pattern("boxing", variant, rate="0"), "boxing")
        boxing = line["boxing"]
        check(abs(boxing["objects_share"] - share) < BACKGROUND, f"{variant}: share of boxed objects: {boxing}")
        rows = rows_of(line, "main.boxMeasurements")
        equal(set(rows), BOXED if share else set(), "types that are boxed")
        for row in rows.values():
            near(row["alloc_objects"], rows["string"]["alloc_objects"], BACKGROUND, f"objects of {row['name']}")


# ---- (b) types made by reflection ----
@test("types that reflection makes are counted as the target counts them, and none where it reuses them")
def _():
    for variant in ("bad", "good"):
        announce = pattern("reflect", variant)
        stream = Stream("--interval", "0.2", "--budget", "100%", "-p", announce.pid)
        line = harness.wait_until(lambda: (lambda l: l["types"]["reflect_types_added"] is not None and l)(stream.next()),
                                  "probes that are there for a whole interval")
        registered = line["types"]["reflect_registered"]
        before = announce.ask("truth")
        after = announce.ask("work", 500)
        asked, made = time.time_ns(), 0
        while True:
            line = stream.next()
            made += line["types"]["reflect_types_added"]
            if line["time_unix_ns"] - line["interval_s"] * 1e9 > asked:
                break
        stream.stop()
        equal(line["types"]["reflect_registered"] - registered, after["reflect_numbers"] - before["reflect_numbers"],
              f"{variant}: names and types registered")
        types = after["types_made"] - before["types_made"]
        # a function brings the struct of its arguments along, a map its buckets
        check(types <= made <= 3 * types, f"{variant}: {made} types as the probes saw them, {types} as the target says")
        equal(after["types_made"] - before["types_made"], 1500 if variant == "bad" else 0, "types made")
        announce.close()


# ---- (c) instantiations ----
@test("fifty instantiations are one row that says so, beside what the binary has")
def _():
    for variant, shapes in (("bad", 50), ("good", 1)):
        announce = pattern("generic", variant)
        line, truth = worked(announce, "generic")
        equal(announce.ask("truth")["instantiations"], shapes, "instantiations that were called")
        row = next(r for r in line["rows"] if r["name"] == "main.fill[...]")
        equal(row["instantiations"], shapes, f"{variant}: instantiations that allocate")
        equal(row["instantiations_in_binary"], 50, f"{variant}: instantiations in the binary")
        others = [r for r in line["rows"] if r["name"] == "(not generic)"]
        equal(others[0]["instantiations"], None, "instantiations of what is not generic")
        # arrays of up to 6 words share blocks of 16 bytes, or need slots larger than they are
        least = WORK * 8 * (25 if variant == "bad" else 26) * 0.98
        check(row["alloc_bytes"] > least, f"{variant}: bytes of fill: {row}")
        announce.close()


# ---- (d) caches ----
def boxed_by_caches(line):
    """In the caches themselves: sync.Map boxes something of its own now and then."""
    return [r for r in line["rows"] if r["name"] != "(not boxed)" and r["alloc_objects"] and "Cache[" in r["stack"][0]]


@test("a cache of interfaces boxes key and value of each store, one of values boxes nothing")
def _():
    for variant, boxed in (("bad", 2), ("good", 0)):
        announce = pattern("cache", variant)
        line, truth = worked(announce, "boxing")
        equal(truth["boxed"], boxed * truth["stores"], "values that the target boxed")
        rows = boxed_by_caches(line)
        equal(sum(r["alloc_objects"] for r in rows), truth["boxed"], f"{variant}: boxed values: {rows}")
        equal(sum(r["alloc_bytes"] for r in rows), truth["boxed_bytes"], f"{variant}: boxed bytes")
        announce.close()


# ---- (e) pools ----
@test("a pool that each collection empties misses as often as the target says, one that is left alone once")
def _():
    if "--cache" not in heaptap("help", "top").ok().out:
        skip("this heaptap has no --cache")
    for variant in ("bad", "good"):
        announce = pattern("pool", variant, rate="0")
        line, truth = worked(announce, "type", "--cache", "main.usePool", "--budget", "100%", work=500)
        pools = [p for p in line["cache"]["pools"] if (p["new"] or "").startswith("main.")] or line["cache"]["pools"]
        for field in ("gets", "puts", "misses"):
            equal(sum(p[field]["count"] for p in pools), truth[field], f"{variant}: {field} of {pools}")
        check(truth["misses"] >= 50 if variant == "bad" else truth["misses"] <= 1, f"misses: {truth}")
        announce.close()


# ---- size classes, in the same work ----
@test("by size class estimates stand beside the runtime's own counts")
def _():
    announce = pattern("cache", "bad")
    line, truth = worked(announce, "class")
    row = next(r for r in line["rows"] if r["name"] == f"{PAYLOAD_BYTES} B")
    check(truth["payloads"] <= row["alloc_objects"] < truth["payloads"] * (1 + BACKGROUND), f"payloads: {row}")
    equal(row["class"]["object_bytes"], PAYLOAD_BYTES, "size of the class")
    equal(row["class"]["alloc_bytes"], row["class"]["mallocs"] * PAYLOAD_BYTES, "bytes of the class")
    check(row["class"]["mallocs"] >= row["alloc_objects"], f"mallocs of the class: {row}")


# ---- the service of the incident ----
def incident(*options):
    return Announce(target("incident-stripped"), "-sampling-rate", "1", "-rate", "1000", *options)


@test("the service of the incident boxes what its cache says; mended it boxes nothing and is bounded")
def _():
    for options, mended in (((), False), (("-mended",), True)):
        service = incident(*options)
        equal(service.ready["mended"], mended, "mended")
        before = service.ask("truth")
        stream = Stream("--interval", "0.5", "--by", "boxing", "--value", "alloc_space", "--top", "0",
                        "-p", service.pid)
        stream.next()
        first = service.ask("truth")
        stream.next()
        last = service.ask("truth")
        line = stream.after(time.time_ns())
        after = service.ask("truth")
        stream.stop()
        boxed = sum(row["alloc_objects"] for row in boxed_by_caches(line))
        check(last["boxed"] - first["boxed"] <= boxed <= after["boxed"] - before["boxed"],
              f"{boxed} boxed while the cache counted {first['boxed']}..{last['boxed']} "
              f"within {before['boxed']}..{after['boxed']}")
        check((boxed > 0) != mended, f"{boxed} boxed, mended: {mended}")
        check(after["entries"] == (min(4096, after["requests"] - after["hits"]) if mended
                                   else after["requests"] - after["hits"]), f"entries: {after}")
        service.close()


harness.main()
