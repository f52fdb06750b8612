"""What the rows of each grouping say of a recording: what they say live, names and all."""
import json

import expect
import harness
from harness import Announce, Stream, check, equal, heaptap, test
from recorder import Recorder, fresh

# Of rates and ages each observer has its own, as it came at another time.
OWN = ("alloc_bytes_per_s", "age_p50_ns")
GROUPINGS = ("site", "type", "boxing", "class", "generic")


def rows(line):
    kept = [{key: value for key, value in row.items() if key not in OWN} for row in line["rows"]]
    return sorted(kept, key=lambda row: json.dumps(row, sort_keys=True))


def shown(*arguments):
    """The rows of each grouping."""
    return {by: rows(heaptap("top", "--once", "--json", "--top", "0", "--by", by, *arguments).json())
            for by in GROUPINGS}


def oldest_and_newest(name):
    """Go 1.19 has other names of instantiations than those after it."""
    folders = sorted((f for f in harness.TARGETS.glob("go1.*") if (f / name).exists()),
                     key=lambda f: int(f.name.split(".")[1]))
    return [folders[0]] + folders[1:][-1:]


def recorded_beside(announce, name):
    """Rows live and of a recording, of a target that does nothing; both are asked for again if it did."""
    for _ in range(20):
        path = fresh(name)
        recorder = Recorder(path, "--interval", "0.1", "-p", announce.pid)
        recorder.reaches(2)
        live = shown("-p", announce.pid)
        recorder.reaches(recorder.intervals() + 2)
        recorder.stop().ok()  # its newest look lies between the two live ones
        again = shown("-p", announce.pid)
        if live == again:
            return live, shown(path)
    harness.skip("the target would not be quiet")


@test("each grouping of a recording has the rows of the live table: what is boxed into what, instantiations, classes")
def _():
    for folder in oldest_and_newest("patterns-stripped"):
        for pattern, by, says in (("boxing", "boxing", "main.Series -> main.Summer"), ("generic", "generic", "main.fill[...]")):
            announce = Announce(folder / "patterns-stripped", pattern, "bad", PATTERNS_RATE="1")
            announce.ask("work", 200)
            live, recorded = recorded_beside(announce, f"{folder.name}-{pattern}")
            for grouping in GROUPINGS:
                equal(recorded[grouping], live[grouping], f"{folder.name}, {pattern}, rows by {grouping}")
            mine = [row for row in recorded[by] if says in row["name"]]
            check(mine, f"{folder.name}: no row of '{says}': {[row['name'] for row in recorded[by]]}")
            if by == "generic":
                equal(mine[0]["instantiations_in_binary"], 50, f"{folder.name}: instantiations in the binary")
            announce.close()


@test("a recording knows the type arguments that the binary names, and where instantiations begin")
def _():
    for folder in oldest_and_newest("caches-plain"):
        announce = Announce(folder / "caches-plain")
        path = fresh(f"{folder.name}-arguments")
        options = ("--mode", "exact", "--stacks", "--force", "--interval", "0.2", "-p", announce.pid)
        recorder = Recorder(path, *options)
        stream = Stream("--by", "generic", "--value", "alloc_space", "--top", "0", *options)
        recorder.reaches(3)
        stream.next()
        stream.next()
        announce.ask("stores", 1000)
        recorder.reaches(recorder.intervals() + 2)
        live = stream.after(expect.now_ns())
        stream.stop()
        recorder.stop().ok()
        recorded = heaptap("top", path, "--once", "--json", "--by", "generic", "--value", "alloc_space", "--top", "0").json()
        of_store = [next(row for row in line["rows"] if row["name"].endswith("GenericCache[...]).Store"))
                    for line in (live, recorded)]
        for key in ("name", "instantiations", "instantiations_in_binary", "type_arguments", "alloc_objects"):
            equal(of_store[1][key], of_store[0][key], f"{folder.name}: {key}")
        equal(of_store[1]["instantiations"], 2, f"{folder.name}: instantiations that allocated")
        equal(len(of_store[1]["type_arguments"]), 2, f"{folder.name}: lists of type arguments")
        equal(of_store[1]["alloc_objects"], 2000, f"{folder.name}: objects")
        announce.close()


harness.main()
