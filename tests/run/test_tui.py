"""The live screen in a real terminal (tmux): keys, sizes, terminals without colour or UTF-8, the end."""
import os
import re
import signal

import harness
from harness import Announce, check, equal, scratch, target, test, wait_until
from tmux import Screen

STRIPPED = "announce-stripped"


def scene():
    announce = Announce(target(STRIPPED))
    for kind, count in (("buffer8k", 4000), ("page1k", 12000), ("large100k", 60)):
        announce.ask("alloc", kind, count, count)
    announce.ask("gc")
    return announce


@test("it starts within 80x24, names the target and the heaviest types, and q ends it")
def _():
    with Screen(scene()) as screen:
        text = screen.shows("main.buffer8k", "main.page1k", "announce")
        lines = text.splitlines()
        check(len(lines) <= 24 and max(map(len, lines)) <= 80, f"the screen is larger than 80x24:\n{text}")
        rows = [l for l in lines if "main." in l]
        check("main.buffer8k" in rows[0], f"the first row is {rows[0]!r}")
        screen.keys("q")
        equal(screen.ended(), 0, "exit status")
        modes = wait_until(lambda: scratch("stty").exists() and scratch("stty").read_text(), "stty")
        check(" echo " in modes and " icanon" in modes and "-icanon" not in modes, f"the terminal is left as {modes}")


@test("m shows what the resident memory consists of, in lines that fit, and goes back")
def _():
    with Screen(scene()) as screen:
        screen.shows("main.buffer8k", "rss", "heap=")
        screen.keys("m")
        lines = screen.shows("heap_objects", "goroutine_stacks", "native_stacks", "page_tables").splitlines()
        check(not any(line.endswith("~") for line in lines), f"a meaning is cut:\n{screen.text()}")
        share = {words[3]: float(words[2].strip("<%")) for words in map(str.split, lines)
                 if len(words) > 3 and words[2].endswith("%")}
        check(share["heap_objects"] > 50, f"shares: {share}")
        screen.keys("m")
        screen.shows("main.buffer8k", "rows by")


def grouping(screen):
    found = re.search(r"rows? by (\w+),", screen.text())
    return found and found[1]


def digits_of_help(screen):
    """{name: digit}, as the help lists them."""
    screen.keys("?")
    text = screen.shows("regular expression")
    screen.keys("Escape")
    screen.shows("rows by")
    return {name: digit for digit, name in re.findall(r"^ *(\d) (\w+) ", text, re.M)}


@test("Tab goes round the groupings, and each has the digit that the help names")
def _():
    with Screen(scene(), columns=100, lines=60) as screen:
        screen.shows("main.buffer8k", "main.page1k")
        seen = [grouping(screen)]
        while seen.count(seen[0]) < 2 and len(seen) < 10:
            screen.keys("Tab")
            seen.append(wait_until(lambda: grouping(screen) != seen[-1] and grouping(screen), "the next grouping",
                                   pause=0.1))
        equal(seen[-1], seen[0], f"the grouping after a round ({seen})")
        check({"type", "site", "package", "generic"} <= set(seen), f"groupings: {seen}")
        digits = digits_of_help(screen)
        for name in seen[1:]:  # each from another one
            check(name in digits, f"{name} has no digit in the help: {digits}")
            screen.keys(digits[name])
            wait_until(lambda: grouping(screen) == name, f"{digits[name]} to lead to {name}", pause=0.05)


@test("s sorts by another value")
def _():
    with Screen(scene()) as screen:
        screen.shows("main.buffer8k", "sorted by value")
        screen.keys("s")
        wait_until(lambda: re.search(r"sorted by (?!value)", screen.text()), "another order", pause=0.1)


@test("f filters rows and Escape takes the filter away")
def _():
    with Screen(scene()) as screen:
        screen.shows("main.buffer8k", "main.page1k")
        screen.keys("f")
        screen.keys("-l", "page1k")
        screen.keys("Enter")
        wait_until(lambda: "main.buffer8k" not in screen.text() and "main.page1k" in screen.text(),
                   "the filter to work", pause=0.1)
        screen.keys("f")
        screen.keys("C-u")
        screen.keys("Enter")
        screen.shows("main.buffer8k", "main.page1k")


@test("/ searches, Enter opens stacks of the row, Escape leads back")
def _():
    with Screen(scene()) as screen:
        screen.shows("main.buffer8k", "main.page1k")
        screen.keys("/")
        screen.keys("-l", "page1k")
        screen.keys("Enter")
        screen.keys("Enter")
        screen.shows("makePage1k", "main.main")
        screen.keys("Escape")
        screen.shows("main.buffer8k", "main.page1k")


@test("Home and End work where the terminal sends others than TERM says")
def _():
    # tmux sends ESC [ 1 ~ and ESC [ 4 ~, of which terminfo's vt100 knows nothing
    with Screen(scene(), term="vt100") as screen:
        def chosen():
            return [i for i, line in enumerate(screen.text().splitlines()) if line.startswith(">")]

        screen.shows("main.buffer8k", "main.page1k", "main.large100k")
        first = chosen()
        screen.keys("End")
        wait_until(lambda: chosen() and chosen() > first, "another row to be chosen", pause=0.1)
        check(" TYPE " in screen.text(), f"the digit was taken for a grouping:\n{screen.text()}")
        screen.keys("Home")
        wait_until(lambda: chosen() == first, "the first row to be chosen", pause=0.1)


@test("? shows every key, Escape leads back")
def _():
    with Screen(scene(), columns=100, lines=60) as screen:
        screen.shows("main.buffer8k")
        screen.keys("?")
        text = screen.shows("Tab", "Enter", "regular expression")
        for word in ("regular expression", "search", "sort", "pause", "quit", "write"):
            check(word in text.lower(), f"the help has no '{word}':\n{text}")
        screen.keys("Escape")
        screen.shows("main.buffer8k")


@test("space pauses: what is allocated meanwhile shows only afterwards")
def _():
    announce = scene()
    with Screen(announce, "--interval", "0.2") as screen:
        screen.shows("main.buffer8k")
        screen.keys("Space")
        screen.shows("PAUSED")
        announce.ask("alloc", "directory", 40000, 40000)
        announce.ask("gc")
        check("main.directory" not in screen.text(), "the paused screen goes on")
        screen.keys("Space")
        screen.shows("main.directory")


@test("w writes a flame graph of what is on the screen")
def _():
    for old in scratch(".").glob("heaptap-*"):
        old.unlink()
    with Screen(scene()) as screen:
        screen.shows("main.buffer8k")
        screen.keys("w")
        files = wait_until(lambda: list(scratch(".").glob("heaptap-*.html")), "a file to be written", pause=0.1)
        check("main.makeBuffer8k" in files[0].read_text(), "the file does not name the function")


@test("it follows the terminal's size, down to one that is too small, and up again")
def _():
    with Screen(scene()) as screen:
        screen.shows("main.buffer8k")
        for columns, lines in ((200, 60), (40, 10), (10, 3), (1, 1), (120, 30)):
            screen.resize(columns, lines)
            wait_until(lambda: not screen.status.exists(), "heaptap to be alive")
        screen.shows("main.buffer8k")
        screen.keys("q")
        equal(screen.ended(), 0, "exit status")


for name, term, environment in (("a vt100", "vt100", {}), ("an xterm without UTF-8", "xterm", {"LANG": "C", "LC_ALL": "C"}),
                                ("a dumb-coloured linux console", "linux", {"LANG": "C", "LC_ALL": "C"}),
                                ("NO_COLOR", "screen-256color", {"NO_COLOR": "1"})):
    @test(f"it is readable on {name}")
    def _(name=name, term=term, environment=environment):
        with Screen(scene(), term=term, **environment) as screen:
            text = screen.shows("main.buffer8k")
            if environment.get("LANG") == "C":
                check(text.isascii(), f"characters beyond ASCII:\n{text}")
            if "NO_COLOR" in environment or term == "vt100":
                coloured = screen.text("-e")
                codes = [c for c in ("[31m", "[32m", "[33m", "[34m", "[35m", "[36m", "[41m", "[38;5")
                         if "\033" + c in coloured]
                check(not codes, f"colours where there must be none: {codes}")
            screen.keys("q")
            equal(screen.ended(), 0, "exit status")


@test("an unknown terminal is refused with a sentence or gets the text table")
def _():
    announce = scene()
    with Screen(announce, term="no-such-terminal") as screen:
        status = screen.ended()
        check(status in (0, 2, 3), f"exit status {status}")
        check(screen.text().strip(), "nothing was said")


@test("a target that ends stays on the screen with the reason, and q still works")
def _():
    announce = scene()
    with Screen(announce, "--interval", "0.2") as screen:
        screen.shows("main.buffer8k")
        announce.process.kill()
        announce.process.wait()
        screen.shows("ended", "main.buffer8k")
        screen.keys("q")
        equal(screen.ended(), 0, "exit status")


@test("SIGTERM restores the terminal")
def _():
    announce = scene()
    with Screen(announce) as screen:
        screen.shows("main.buffer8k")
        pane = int(screen.tmux("display-message", "-p", "#{pane_pid}").out)
        with open(f"/proc/{pane}/task/{pane}/children") as children:
            heaptap = int(children.read().split()[0])
        os.kill(heaptap, signal.SIGTERM)
        screen.ended()
        modes = wait_until(lambda: scratch("stty").exists() and scratch("stty").read_text(), "stty")
        check("-icanon" not in modes and "-echo " not in modes, f"the terminal is left as {modes}")
    announce.ask("check")


harness.main()
