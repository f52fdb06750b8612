"""Whether `--mode exact` counts every allocation of the announcing target once: used on the default toolchain by
test_exact.py, on all of them by test_matrix.py."""
import expect
from harness import Announce, Stream, check, equal, wait_until

ROWS = 4000  # more than there are
FORCED = ("--mode", "exact", "--force", "--top", str(ROWS), "--value", "alloc_objects")


class Counting:
    """heaptap at work on a target, and moments at which both have said what they know."""

    def __init__(self, target, *options, by="type"):
        self.target = target
        self.stream = Stream("--interval", "0.2", "--by", by, *FORCED, "-p", target.pid, *options)
        self.stream.next()

    def moment(self):
        """The target's own counts and heaptap's line, between which the runtime allocated nothing for itself."""
        def quiet():
            before = self.target.ask("memstats")
            line = self.stream.after(expect.now_ns())
            after = self.target.ask("memstats")
            return (after, line) if before["Mallocs"] == after["Mallocs"] else None

        truth, line = wait_until(quiet, "a moment without allocations")
        equal(line["mode"], "exact", "mode")
        expect.no_losses(line, "type_unknown")
        check(len(line["rows"]) < ROWS, "more rows than are shown")
        return truth, line

    def close(self):
        equal(self.stream.stop().status, 0, "exit status after an interrupt")


def total(line, member="alloc_objects"):
    return sum(row[member] for row in line["rows"])


def by_type(line):
    """Objects and bytes by type; the names of generic types differ between what a program and its runtime know."""
    return {row["name"]: (row["alloc_objects"], row["alloc_bytes"]) for row in line["rows"]}


def nothing_missing(target, work, *options):
    """What is allocated by `work` is what the target counts, object for object. The two lines around it."""
    counting = Counting(target, *options)
    truth_before, before = counting.moment()
    work()
    truth, line = counting.moment()
    counting.close()
    equal(total(line) - total(before), truth["Mallocs"] - truth_before["Mallocs"], "number of objects")
    return before, line


def is_plain(kind):
    """Whether only this kind makes objects of its type, and the type has one name."""
    return kind["type"].startswith(("main.", "store.")) and "[" not in kind["type"]


def counts_every_kind(path, *options, count=300):
    """All kinds of allocation, single and many at once, on several threads too."""
    target = Announce(path)
    kinds, made = target.ask("kinds")["kinds"], {}

    def work():
        for kind in kinds:
            made[kind["type"]] = target.ask("alloc", kind["kind"], count, 0)
        target.ask("churn", 900, 4, 50)
        target.ask("stackgrow", 200, 8)

    before, line = nothing_missing(target, work, *options)
    target.close()
    churned = {"main.node", "main.block64", "main.page1k", "main.buffer8k", "main.directory", "main.record",
               "main.large100k"}
    rows, rows_before = by_type(line), by_type(before)
    for kind in filter(is_plain, kinds):
        objects, size = rows[kind["type"]]
        objects_before, size_before = rows_before.get(kind["type"], (0, 0))
        answer = made[kind["type"]]
        if kind["type"] in churned:
            check(objects - objects_before >= count, f"{objects} objects of {kind}")
            continue
        equal(objects - objects_before, count, f"objects of {kind}")
        # where the program allocated nothing else; what is smaller than 16 bytes it counts by blocks of several
        if answer["objects"] == count and kind["kind"] != "tiny8":
            equal(size - size_before, answer["bytes"], f"bytes of {kind}")
    return len(kinds)


def counts_many(path, count, *options):
    """One type's objects, by the million."""
    target = Announce(path)
    before, line = nothing_missing(target, lambda: target.ask("alloc", "node", count, 0), *options)
    objects, size = by_type(line)["main.node"]
    objects_before, size_before = by_type(before).get("main.node", (0, 0))
    equal((objects - objects_before, size - size_before), (count, 48 * count), "objects and bytes of main.node")
    target.close()


def site_rows(path, *options):
    """Objects by site and type of a scene, for comparison: too little for a collection, which would allocate for itself
    at the site that happened to start it."""
    target = Announce(path)
    counting = Counting(target, *options, by="site")
    kinds = [kind for kind in target.ask("kinds")["kinds"] if is_plain(kind) and kind["kind"] != "large100k"]
    for kind in kinds:
        target.ask("alloc", kind["kind"], 50, 0)
    _, line = counting.moment()
    counting.close()
    target.close()
    wanted = {kind["type"] for kind in kinds}
    return {(row["name"], row["type"]): row["alloc_objects"] for row in line["rows"] if row["type"] in wanted}
