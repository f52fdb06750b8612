"""What heaptap has to say of the announcing target, for one binary of it: used on the default toolchain
by test_top.py and test_flame.py, on all of them by test_matrix.py."""
import time

import harness
import pprof
from harness import Announce, Stream, check, equal, heaptap, near, scratch

# Enough of each that the default sampling interval of 512 KiB cannot confuse their order, and what is
# allocated is ordered otherwise than what stays.
SCENE = [("directory", 260000, 0), ("buffer8k", 12000, 12000), ("page1k", 41000, 41000), ("block64", 55000, 20000)]
SAMPLING_RATE = 512 * 1024
ALLOCATED = ["directory", "buffer8k", "page1k"]
KEPT = ["buffer8k", "page1k"]
TYPES = {k: f"main.{k}" for k in ("directory", "buffer8k", "page1k", "block64", "node", "record", "large100k")}
SITES = {"directory": "main.makeDirectory", "buffer8k": "main.makeBuffer8k", "page1k": "main.makePage1k",
         "block64": "main.makeBlock64", "node": "main.makeNode", "large100k": "main.makeLarge100k"}

ROW_KEYS = {"name", "file", "line", "type", "alloc_bytes", "alloc_objects", "inuse_bytes", "inuse_objects",
            "alloc_bytes_per_s", "share", "age_p50_ns", "samples", "low", "high", "stack"}
KEYS = {
    "heap": {"alloc_bytes", "inuse_bytes", "inuse_objects", "goal_bytes", "mallocs", "frees",
             "alloc_bytes_per_s", "allocs_per_s"},
    "gc": {"cycles", "cycles_per_s", "pause_total_ns", "pause_p99_ns", "cpu_fraction"},
    "rss": {"total_bytes", "heap_bytes", "stacks_bytes", "runtime_bytes", "file_bytes", "other_bytes"},
    "types": {"itabs", "itabs_added", "reflect_types_added", "reflect_registered", "metadata_share", "metadata_share_low",
              "metadata_share_high", "metadata_objects_share", "metadata_objects_share_low",
              "metadata_objects_share_high", "probed", "note", "rows", "itab_table"},
    "boxing": {"bytes_share", "bytes_low", "bytes_high", "objects_share", "objects_low", "objects_high"},
    "cost": {"probes", "hits_per_s", "trap_ns", "target_cpu_percent", "self_cpu_percent", "self_rss_bytes",
             "longest_stall_ns"},
    "governor": {"now", "wanted", "budget_percent", "spent_percent", "predicted_percent", "wanted_percent", "since_s",
                 "steps", "groups", "last_step"},
}
TOP_KEYS = {"schema", "time_unix_ns", "interval_s", "pid", "comm", "go_version", "mode", "losses", "by",
            "rows", "cache"} | set(KEYS)


def now_ns():
    return time.time_ns()


def top_once(pid, *options):
    if "--interval" not in options:
        options += ("--interval", "0.3")  # nothing here needs the default of 1 s, and there are hundreds
    return heaptap("top", "--once", "--json", *options, "-p", pid).json()


def has_documented_keys(line):
    equal(set(line), TOP_KEYS, "keys of a line")
    equal(line["schema"], "heaptap.top/1", "schema")
    for name, keys in KEYS.items():
        equal(set(line[name]), keys, f"keys of '{name}'")
    for row in line["rows"]:
        equal(set(row), ROW_KEYS, "keys of a row")
        check(row["name"], f"a row has no name: {row}")
    check(all(isinstance(v, int) and v >= 0 for v in line["losses"].values()), f"losses: {line['losses']}")


def readable(function):
    """As tables show it: the package by its last element, with dots instead of the symbol's %2e."""
    return function.rsplit("/", 1)[-1].replace("%2e", ".")


def estimates(value, truth, what):
    """Whether a sampled number is the truth, give or take five standard deviations."""
    harness.near(value, truth, 5 / (truth / SAMPLING_RATE) ** 0.5, what)


def names(line):
    return [row["name"] for row in line["rows"]]


def no_losses(line, *tolerated):
    lost = {k: v for k, v in line["losses"].items() if v and k not in tolerated}
    check(not lost, f"losses: {lost}")


def registered(line, answer):
    """Whether a line has what `itabs` or `reflecttypes` answered, each once, with its caller."""
    rows = {(row["event"], row["interface"], row["type"]): row for row in line["types"]["rows"]}
    wanted = [("itab", pair["interface"], pair["type"], pair["function"], pair["failed"])
              for pair in answer.get("pairs", [])]
    wanted += [("reflect", None, name, "main.makeType", False) for name in answer.get("types", [])]
    check(wanted, "nothing was registered")
    for event, interface, name, function, failed in wanted:
        row = rows.get((event, interface, name))
        check(row, f"{event} {interface} <- {name} is not among {sorted(map(str, rows))[:20]}")
        equal((row["function"], row["failed"], row["count"]), (function, failed, 1), f"{event} of {name}")
        check(row["file"].endswith("registration.go") and row["line"] > 0, f"{name} at {row['file']}:{row['line']}")
        check(function in row["stack"], f"the stack of {name}: {row['stack']}")


def in_itab_table(line, answer):
    table = {(itab["interface"], itab["type"]): itab for itab in line["types"]["itab_table"]}
    equal(len(line["types"]["itab_table"]), line["types"]["itabs"], "entries of the itab table")
    for pair in answer["pairs"]:
        itab = table.get((pair["interface"], pair["type"]))
        check(itab, f"{pair} is not in the table")
        equal((itab["failed"], itab["fixed"]), (pair["failed"], False), f"entry of {pair}")


# ---- top ----
def totals_equal(target):
    """The head says what runtime.MemStats says. Asked before and after: a collection or a background
    allocation in between would be the runtime's doing, then it is done once more."""
    for _ in range(5):
        before = target.ask("memstats")
        line = top_once(target.pid, "--interval", "0")
        after = target.ask("memstats")
        fields = ("TotalAlloc", "Mallocs", "Frees", "HeapAlloc", "NumGC", "PauseTotalNs", "NextGC")
        if all(before[f] == after[f] for f in fields):
            break
    else:
        harness.skip("the target would not be quiet")
    seen = {
        "TotalAlloc": line["heap"]["alloc_bytes"], "Mallocs": line["heap"]["mallocs"],
        "Frees": line["heap"]["frees"], "HeapAlloc": line["heap"]["inuse_bytes"],
        "HeapObjects": line["heap"]["inuse_objects"], "NextGC": line["heap"]["goal_bytes"],
        "NumGC": line["gc"]["cycles"], "PauseTotalNs": line["gc"]["pause_total_ns"],
    }
    for field, value in seen.items():
        equal(value, after[field], f"{field} as heaptap reads it")
    near(line["gc"]["cpu_fraction"], after["GCCPUFraction"], 0.01, "GCCPUFraction as heaptap reads it")
    with open(f"/proc/{target.pid}/smaps_rollup") as file:
        rss = next(int(l.split()[1]) * 1024 for l in file if l.startswith("Rss:"))
    near(line["rss"]["total_bytes"], rss, 0.05, "RSS")
    parts = {key: value for key, value in line["rss"].items() if key != "total_bytes"}
    equal(sum(parts.values()), line["rss"]["total_bytes"], f"sum of the parts of RSS ({parts})")
    return line


def names_what_stays(target):
    """After the fact: what was allocated before heaptap came and is still there."""
    kept = {answer["kind"]: answer for answer in (target.ask("alloc", *what) for what in SCENE)}
    target.ask("gc")
    for by, expected in (("type", TYPES), ("site", SITES)):
        line = top_once(target.pid, "--by", by, "--value", "inuse_space")
        has_documented_keys(line)
        no_losses(line, "type_unknown")
        equal(names(line)[:2], [expected[k] for k in KEPT], f"the two heaviest by {by}")
        for kind, row in zip(KEPT, line["rows"]):
            estimates(row["inuse_bytes"], kept[kind]["bytes"], f"bytes in use of {kind}")
            equal(row["type"], TYPES[kind], f"type of {kind}")
            check(row["low"] <= row["inuse_bytes"] <= row["high"], f"interval of {row}")
    return line


def names_what_is_allocated(target):
    """While heaptap watches."""
    stream = Stream("--interval", "0.3", "--by", "site", "--value", "alloc_space", "-p", target.pid)
    stream.next()
    made = {answer["kind"]: answer for answer in (target.ask("alloc", *what) for what in SCENE)}
    line = stream.after(now_ns())
    equal(names(line)[:3], [SITES[k] for k in ALLOCATED], "the three heaviest sites")
    for kind, row in zip(ALLOCATED, line["rows"]):
        estimates(row["alloc_bytes"], made[kind]["bytes"], f"allocated bytes of {kind}")
        equal(row["type"], TYPES[kind], f"type of {kind}")
        check(SITES[kind] in row["stack"], f"the stack of {kind} is {row['stack']}")
        check("main.main" in row["stack"], f"the stack of {kind} does not reach main: {row['stack']}")
        check(row["file"].endswith("kinds.go") and row["line"] > 0, f"the line of {kind}: {row}")
    ended = stream.stop()
    equal(ended.status, 0, "exit status after an interrupt")


def names_what_churns(target):
    """The sampler is off: what the bounded exact windows see of a steady load. On a busy machine it takes
    more of them until the estimates are in order."""
    target.ask("churn", 900, 1, 0)
    for by, expected in (("type", TYPES), ("site", SITES)):
        stream = Stream("--by", by, "--value", "alloc_space", "--interval", "1", "-p", target.pid)
        for _ in range(30):
            line = stream.next()
            has_documented_keys(line)
            check(all(row["inuse_bytes"] is None for row in line["rows"]),
                  "bytes in use are claimed where they cannot be known")
            if names(line)[:2] == [expected[k] for k in KEPT]:
                break
        equal(names(line)[:2], [expected[k] for k in KEPT], f"the two heaviest by {by}")
        stream.stop().ok()
    target.ask("stop")
    target.ask("check")


def counts_every_object(path):
    """With the runtime sampling every allocation there is nothing to estimate. Few enough are made that no
    collection starts meanwhile, which would allocate for itself at the site that happened to start it."""
    target = Announce(path, ANNOUNCE_RATE="1")
    kinds = ["node", "block64", "page1k", "buffer8k", "large100k", "directory", "inlined", "item"]
    count = 20
    made = {k: target.ask("alloc", k, count, count) for k in kinds}
    target.ask("gc")
    line = top_once(target.pid, "--by", "site", "--value", "inuse_objects", "--top", "10000")
    rows = {pprof.short_name(row["name"]): row for row in line["rows"]}
    for kind, answer in made.items():
        name = readable(answer["function"])
        row = rows.get(name)
        check(row, f"no row for {name} among {sorted(rows)}")
        equal(row["inuse_objects"], count, f"objects in use of {kind}")
        # a slot is a multiple of 8; what the runtime allocated besides is less than that per object
        equal(row["inuse_bytes"], count * (answer["bytes"] // count // 8 * 8), f"bytes in use of {kind}")
        if answer["type"]:
            check((row["type"] or "").endswith(answer["type"]), f"type of {kind} is {row['type']}")
    target.close()


def top_is_true(path):
    target = Announce(path)
    if target.ready["profiling"]:
        names_what_stays(target)
        names_what_is_allocated(target)
    else:
        names_what_churns(target)
    target.ask("check")
    totals_equal(target)
    target.close()


# ---- flame ----
def profile_pair(target, name):
    """The program's own heap profile and heaptap's, of the same quiet moment."""
    own, ours = scratch(f"{name}.own.pb.gz"), scratch(f"{name}.pb.gz")
    target.ask("gc")
    target.ask("heap", own)
    heaptap("flame", "-o", ours, "-p", target.pid).ok()
    return pprof.read(own), pprof.read(ours)


def explain_difference(own, ours):
    lines = []
    for key in sorted(set(own) | set(ours), key=str):
        if own.get(key) != ours.get(key):
            lines.append(f"own {own.get(key)} heaptap {ours.get(key)}: {key[1]} bytes at "
                         + " < ".join(f"{f}:{l}" for f, _, l in key[0][:6]))
    return "\n".join(lines[:12]) + (f"\n... {len(lines)} in all" if len(lines) > 12 else "")


def profiles_equal(own, ours):
    """Sample for sample. Left out is what writing its own profile allocated, and what the runtime's
    background work allocates while nobody asks: both may happen between the two looks."""
    equal(ours.types, own.types, "sample types")
    equal(ours.period, own.period, "period")
    later = ("runtime/pprof.", "main.heapCommand")
    background = ("runtime.bgscavenge", "runtime.bgsweep", "runtime.gcBgMarkWorker", "runtime.forcegchelper",
                  "runtime.mstart", "runtime.mcall", "runtime.systemstack", "runtime.sysmon")
    a, b = (pprof.by_stack(p, leave_out=later, leave_out_roots=background) for p in (own, ours))
    check(len(a) > 0, "the program's own profile is empty")
    check(a == b, "the profiles differ:\n" + explain_difference(a, b))
    return len(a)


def profile_is_the_programs_own(path, rate=""):
    target = Announce(path, ANNOUNCE_RATE=rate)
    for kind in ("node", "block64", "page1k", "buffer8k", "large100k", "directory", "bytes", "index", "text",
                 "boxed", "pairvalues", "pairpointers", "closure", "reflected", "inlined", "item"):
        count = 300 if kind == "large100k" else 12000
        target.ask("alloc", kind, *((count, count // 8) if not rate else (150, 50)))
    if target.ready["cgo"]:
        target.ask("ccall", 2000)
    own, ours = profile_pair(target, path.parent.name + path.name)
    count = profiles_equal(own, ours)
    target.ask("check")
    target.close()
    return count
