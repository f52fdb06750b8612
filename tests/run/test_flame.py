"""`heaptap flame` writes profiles that others can read and that say what the program's own says."""
import html.parser
import json
import re
import xml.etree.ElementTree

import expect
import harness
import pprof
from harness import Announce, check, equal, heaptap, run, scratch, target, test

STRIPPED = "announce-stripped"
SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def scene():
    announce = Announce(target(STRIPPED))
    for what in expect.SCENE:
        announce.ask("alloc", *what)
    announce.ask("gc")
    return announce


def flame(announce, ending, *options):
    path = scratch("scene" + ending)
    result = heaptap("flame", "-o", path, *options, "-p", announce.pid).ok()
    equal(result.out, "", "standard output")
    return path


for variant in ("announce-plain", STRIPPED):
    @test(f"the profile of {variant} is the program's own, sample for sample")
    def _(variant=variant):
        harness.say(f"{expect.profile_is_the_programs_own(target(variant))} samples")


@test("the same with every allocation sampled")
def _():
    count = expect.profile_is_the_programs_own(target(STRIPPED), "1")
    check(count > 16, f"only {count} samples")


@test("go tool pprof opens the profile and names the heaviest function")
def _():
    path = flame(scene(), ".pb.gz")
    top = run("go", "tool", "pprof", "-top", "-sample_index=inuse_space", path).ok().out
    rows = [line for line in top.splitlines() if "main." in line]
    check(rows and "main.makeBuffer8k" in rows[0], f"pprof -top says\n{top}")
    raw = run("go", "tool", "pprof", "-raw", path).ok().out
    check("kinds.go" in raw and "main.main" in raw, "pprof -raw has no files or functions")


@test("the profile has the four sample types, a mapping, and line numbers")
def _():
    profile = pprof.read(flame(scene(), ".pb.gz"))
    equal(profile.types, [("alloc_objects", "count"), ("alloc_space", "bytes"), ("inuse_objects", "count"),
                          ("inuse_space", "bytes")], "sample types")
    equal(profile.period_type, ("space", "bytes"), "period type")
    check(profile.mappings, "no mapping")
    check(all(f.line > 0 for s in profile.samples for f in s.stack), "frames without a line")


@test("folded stacks add up to the profile's bytes")
def _():
    announce = scene()
    profile = pprof.read(flame(announce, ".pb.gz"))
    for value in ("inuse_space", "alloc_space"):
        total = 0
        for line in flame(announce, ".folded", "--value", value).read_text().splitlines():
            match = re.fullmatch(r"(.+) (\d+)", line)
            check(match, f"not a folded stack: {line!r}")
            check(match[1].split(";")[0] != "", f"a stack without a root: {line!r}")
            total += int(match[2])
        index = profile.index(value)
        harness.near(total, sum(s.values[index] for s in profile.samples), 1e-4, f"sum of {value}")


@test("speedscope's file has valid frames and weights that add up")
def _():
    announce = scene()
    profile = pprof.read(flame(announce, ".pb.gz"))
    data = json.loads(flame(announce, ".speedscope.json").read_text())
    equal(data["$schema"], SCHEMA, "schema")
    frames = data["shared"]["frames"]
    check(any(f["name"] == "main.makeBuffer8k" for f in frames), "no frame main.makeBuffer8k")
    check(data["profiles"], "no profiles")
    for one in data["profiles"]:
        equal(one["type"], "sampled", "kind of profile")
        equal(len(one["samples"]), len(one["weights"]), "number of weights")
        check(all(0 <= f < len(frames) for s in one["samples"] for f in s), "a frame that is not there")
    sums = [sum(one["weights"]) for one in data["profiles"]]
    wanted = sum(s.values[profile.index("inuse_space")] for s in profile.samples)
    check(any(abs(s - wanted) <= wanted * 1e-4 for s in sums), f"weights {sums}, none is {wanted}")


class Page(html.parser.HTMLParser):
    """Collects what a page would load from elsewhere."""

    def __init__(self):
        super().__init__()
        self.loads, self.scripts = [], 0

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        for name, value in attributes:
            if name in ("src", "href", "data", "action") and value and not value.startswith(("#", "data:")):
                self.loads.append((tag, value))


@test("the HTML flame graph is one file that loads nothing")
def _():
    text = flame(scene(), ".html").read_text()
    page = Page()
    page.feed(text)
    equal(page.loads, [], "what the page loads")
    check(page.scripts > 0, "no script")
    check(not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|importScripts)\s*\(|@import", text), "it may load more")
    for word in ("main.makeBuffer8k", "main.makePage1k", "inuse_space", "alloc_space", "inuse_objects",
                 "alloc_objects"):
        check(word in text, f"no {word} in the page")


@test("the SVG is well-formed and names the functions")
def _():
    text = flame(scene(), ".svg").read_text()
    root = xml.etree.ElementTree.fromstring(text)
    check(root.tag.endswith("svg"), f"the root is {root.tag}")
    check("main.makeBuffer8k" in text, "no main.makeBuffer8k")


@test("-o - writes to standard output, in the format that --format names")
def _():
    announce = scene()
    out = heaptap("flame", "--format", "folded", "-o", "-", "-p", announce.pid).ok().out
    check("main.makeBuffer8k" in out, f"folded stacks on standard output: {out[:300]!r}")


@test("--for gives the window instead of the totals since the start")
def _():
    announce = Announce(target(STRIPPED), ANNOUNCE_RATE="4096")  # a second of a busy machine has samples, too
    announce.ask("alloc", "large100k", 3000, 0)
    announce.ask("gc")
    announce.ask("churn", 900, 1, 0)
    path = flame(announce, ".folded", "--for", "1s", "--value", "alloc_space")
    announce.ask("stop")
    text = path.read_text()
    check("main.makeBuffer8k" in text, "nothing of what was allocated in the window")
    check("main.makeLarge100k" not in text, "what was allocated before the window is in it")


@test("a file that is there is replaced whole, and nothing else is left in the folder")
def _():
    announce = scene()
    folder = scratch("folder")
    folder.mkdir()
    path = folder / "heap.folded"
    path.write_text("old\n" * 100000)
    heaptap("flame", "-o", path, "-p", announce.pid).ok()
    check("old" not in path.read_text(), "the old content is there")
    equal([p.name for p in folder.iterdir()], ["heap.folded"], "files in the folder")


harness.main()
