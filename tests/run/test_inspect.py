"""What `heaptap inspect` says of an executable is what the Go toolchain and binutils say of it, and of a
stripped one what is said of its twin with symbols."""
import os
import pathlib
import re
import shutil
import subprocess

import harness
from harness import Announce, check, equal, heaptap, run, scratch, target, test
from inspecting import generics_equal, inspect, rows, symbols

USAGE, UNOBSERVABLE = 2, 3
EMBED_SOURCES = harness.ROOT / "tests/targets/embed"
PROMETHEUS = pathlib.Path("/usr/bin/prometheus")
# what a file without symbols cannot say
NEEDS_SYMBOLS = {"packages": {"data_bytes"}, "generics": {"dictionaries", "dictionary_bytes"},
                 "embeds": {"variable"}}


def refused(status, word, *arguments):
    """One sentence with the word on standard error, nothing on standard output."""
    result = heaptap(*arguments)
    what = "heaptap " + " ".join(str(a) for a in arguments)
    equal(result.status, status, f"exit status of `{what}` ({result.err.strip()!r})")
    equal(len(result.sentences()), 1, f"number of lines on standard error of `{what}`:\n{result.err}\nit")
    check(word.lower() in result.err.lower(), f"`{what}` does not say '{word}': {result.err}")
    equal(result.out, "", f"standard output of `{what}`")


def folders():
    """Every Go version that was built: reading a file is cheap."""
    found = sorted(harness.TARGETS.glob("go1.*"), key=harness._version_key)
    check(found, "nothing has been built (tests/targets/build.sh)")
    return found


def executables(name):
    paths = [folder / name for folder in folders() if (folder / name).exists()]
    check(paths, f"no {name} has been built (tests/targets/build.sh)")
    return paths


# ---- how it was built ----
def settings_and_modules(path):
    said = inspect(path, "--only", "binary,settings,modules")
    lines = [line.split("\t")[1:] for line in run("go", "version", "-m", path).ok().out.splitlines()[1:]]
    settings = {}
    modules = []
    for line in lines:
        if line[0] == "build":
            key, value = line[1].split("=", 1)
            settings[key] = value[1:-1] if value.startswith('"') else value
        elif line[0] in ("mod", "dep"):
            modules.append((line[0], line[1], line[2]))
    equal(said["settings"]["values"], settings, f"build settings of {path}")
    equal([(m["kind"], m["path"], m["version"]) for m in said["modules"]["rows"]], modules, f"modules of {path}")
    version = run("go", "version", path).ok().out.split()[-1]
    equal(said["binary"]["values"]["go_version"], version, f"Go version of {path}")


@test("build settings, modules and version are those of go version -m")
def _():
    for name in ("announce-plain", "announce-pie-stripped", "announce-noprof-stripped", "announce-cgo"):
        for path in executables(name):
            settings_and_modules(path)


@test("facts about the file are those of readelf")
def _():
    for name in ("announce-plain", "announce-stripped", "announce-pie", "announce-pie-stripped", "announce-cgo"):
        for path in executables(name):
            facts = inspect(path, "--only", "binary")["binary"]["values"]
            header = run("readelf", "-h", path).ok().out
            sections = {}
            for line in run("readelf", "-SW", path).ok().out.splitlines():
                match = re.match(r"\s*\[\s*\d+\] (\S+)\s+\S+\s+[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+)", line)
                if match:
                    sections[match[1]] = int(match[2], 16)
            what = f"of {path}"
            equal(facts["pie"], "yes" if re.search(r"Type:\s+DYN", header) else "no", "pie " + what)
            equal(facts["symbols"], "yes" if ".symtab" in sections else "no", "symbols " + what)
            equal(facts["dwarf"], "yes" if {".debug_info", ".zdebug_info"} & set(sections) else "no", "dwarf " + what)
            equal(facts["dynamically_linked"], "yes" if ".interp" in sections else "no", "linking " + what)
            equal(facts["cgo"], "yes" if name == "announce-cgo" else "no", "cgo " + what)
            equal(facts["file_bytes"], path.stat().st_size, "file size " + what)
            table = sections.get(".gopclntab") or sections[".data.rel.ro.gopclntab"]
            check(table - 64 < facts["pclntab_bytes"] <= table, f"pclntab {what}: {facts['pclntab_bytes']}, {table}")


# ---- code ----
@test("generic functions have the instantiations, bytes and dictionaries of go tool nm")
def _():
    for path in executables("announce-plain") + executables("announce-pie"):
        generics_equal(path)


@test("the code of a package is the sum of its symbols")
def _():
    for path in executables("announce-plain"):
        said = rows(inspect(path, "--only", "packages")["packages"], "package")
        for package in ("main", "fmt", "strconv", "os"):
            own = re.compile(rf"(type[.:]\.(eq|hash)\.)?{package}\.")  # comparisons of its types are its own
            code = sum(s for _, s, k, n in symbols(path) if k in "Tt" and own.match(n))
            data = sum(s for _, s, k, n in symbols(path) if k in "DdBb" and n.startswith(package + "."))
            equal(said.get(package, {}).get("code_bytes", 0), code, f"code of {package} in {path}")
            equal(said.get(package, {}).get("data_bytes", 0), data, f"data of {package} in {path}")


# ---- types ----
@test("itabs are those that have symbols, with their sizes")
def _():
    compared = 0
    for path in executables("announce-plain"):
        truth = sorted(s for _, s, k, n in symbols(path) if re.match(r"go[.:]itab\.", n) and "," in n)
        said = inspect(path, "--only", "itabs")["itabs"]
        if truth:  # 1.27 gives them no symbols
            equal(sorted(r["bytes"] for r in said["rows"]), truth, f"sizes of the itabs of {path}")
        compared += len(truth)
        named = {r["itab"] for r in said["rows"]}
        check("io.Writer <- *os.File" in named or "error <- *errors.errorString" in named,
              f"itabs of {path}: {sorted(named)[:5]}")
    check(compared, "no itab has a symbol")


@test("a stripped executable says the same as its twin, but for what needs symbols, which is said")
def _():
    for folder in folders():
        for plain, stripped in (("announce-plain", "announce-stripped"), ("announce-pie", "announce-pie-stripped"),
                                ("announce-noprof", "announce-noprof-stripped")):
            twins_equal(inspect(folder / plain), inspect(folder / stripped), f"{folder}/{stripped}")


def twins_equal(with_symbols, stripped, what):
    for key in ("packages", "generics", "kinds", "types", "itabs", "embeds", "sites", "allocators", "probes"):
        one, other = with_symbols[key], stripped[key]
        check(one["known"] and other["known"], f"{key} of {what} is not known: {other['note']}")
        missing = NEEDS_SYMBOLS.get(key, set())
        name = next(iter(one["rows"][0])) if one["rows"] else None
        # a package with data only, a dictionary without a function: there with symbols only
        measure = {"packages": "functions", "generics": "instantiations"}.get(key)
        plain = [r for r in one["rows"] if not measure or r[measure] or r.get("types")]
        strip = lambda r: {k: v for k, v in r.items() if k not in missing}
        order = lambda r: str(sorted(r.items(), key=str))
        equal(sorted(map(strip, other["rows"]), key=order), sorted(map(strip, plain), key=order),
              f"{key} of {what} ({name})")
        for column in missing - {"variable"}:
            check(all(r[column] is None for r in other["rows"]), f"{column} of {what} is claimed")
            check("symbols" in other["note"], f"{what} does not say why {column} is missing")
    variables = [rows(side["globals"], "variable") for side in (with_symbols, stripped)]
    # The rules need not find all of them, but never a wrong one; the linker may move all data of a twin by a page.
    found = {name: int(row["address"], 16) for name, row in variables[1].items() if row["address"] != "(not found)"}
    moved = {address - int(variables[0][name]["address"], 16) for name, address in found.items()}
    check(len(found) > 5 and len(moved) == 1 and moved.pop() % 4096 == 0, f"variables of {what}: {found}")


# ---- embedded files ----
EMBEDDED = {  # file: size, how often its content is there
    "files/deep/long.txt": 2, "long.txt": 2, "files/deep/again.txt": 2, "files/short.txt": 2, "files/empty.txt": 1,
}


@test("embedded files are found with and without symbols, with their copies")
def _():
    for variant in ("plain", "stripped", "pie-stripped"):
        for path in executables(f"embed-{variant}"):
            section = inspect(path, "--only", "embeds")["embeds"]
            sizes = {n: (EMBED_SOURCES / ("more" if n == "long.txt" else "") / n).stat().st_size for n in EMBEDDED}
            equal({r["file"]: (r["size_bytes"], r["copies"]) for r in section["rows"]},
                  {n: (sizes[n], EMBEDDED[n]) for n in EMBEDDED}, f"files embedded in {path}")
            stored = sizes["long.txt"] + sizes["files/short.txt"]
            equal(section["totals"]["stored_bytes"], stored, f"bytes that {path} has of them")
            if variant == "plain":
                equal({r["variable"] for r in section["rows"]}, {"main.files", "example.com/targets/embed/more.Files"},
                      f"variables of {path}")


@test("an embedded file whose bytes were changed is not claimed")
def _():
    copy = scratch("tampered")
    shutil.copy(executables("embed-stripped")[-1], copy)
    content = copy.read_bytes()
    at = content.index(b"line 0007 of a file")
    copy.write_bytes(content[:at] + b"LINE" + content[at + 4:])
    names = {r["file"] for r in inspect(copy, "--only", "embeds")["embeds"]["rows"]}
    equal(names, set(), "files found where no hash is right")


# ---- allocation sites ----
@test("allocating call sites are those of go tool objdump")
def _():
    # the runtime's own functions, also those that it puts into other packages
    passing = re.compile(r"(runtime\.|runtime/internal/|internal/runtime/|internal/bytealg\.MakeNoZero|maps\.clone|"
                         r"(reflect|internal/reflectlite)\.(unsafe_New|growslice|makemap|makechan|mapassign))")
    for path in executables("announce-plain"):
        said = rows(inspect(path, "--only", "allocators")["allocators"], "function")
        whole = run("go", "tool", "objdump", path).ok().out
        counts, inside = {}, False
        for line in whole.splitlines():
            if line.startswith("TEXT "):
                name = line.split()[1]
                inside = not passing.match(name)
            elif inside and "CALL runtime." in line:
                name = line.rsplit("CALL ", 1)[1].split("(SB)")[0]
                counts[name] = counts.get(name, 0) + 1
        for function in ("runtime.newobject", "runtime.makeslice", "runtime.growslice", "runtime.makechan",
                         "runtime.convTstring", "runtime.slicebytetostring"):
            equal(said.get(function, {"sites": 0})["sites"], counts.get(function, 0), f"calls of {function} in {path}")


@test("nearly every allocating call site has a type, and those of the target's types are named")
def _():
    for path in executables("announce-stripped"):
        document = inspect(path, "--only", "sites,allocators")
        total, typed = (document["allocators"]["totals"][k] for k in ("sites", "typed"))
        check(total > 500 and typed > 0.95 * total, f"{typed} of {total} sites of {path} have a type")
        equal(document["sites"]["totals"]["sites"], total, f"sites by type of {path}")
        check("main.node" in rows(document["sites"], "type"), f"main.node is not allocated in {path}")
        names = [(r["type"], r["package"]) for r in document["sites"]["rows"]]
        equal(len(set(names)), len(names), f"types by name and package of {path}")


# ---- what can be observed ----
@test("the sampler is linked where the program asks for profiles, and every probe point is found")
def _():
    for folder in folders():
        for name, linked in (("announce-stripped", True), ("announce-noprof-stripped", False)):
            document = inspect(folder / name, "--only", "observe,probes,globals")
            said = document["observe"]["values"]
            equal(said["runtime_sampler"].startswith("linked"), linked, f"sampler of {folder / name}")
            for key in ("gc_probes", "exact_windows"):
                check(said[key].startswith("yes"), f"{key} of {folder / name}: {said[key]}")
            points = document["probes"]["rows"]
            wanted = "jbe" if folder.name == "go1.19" else "push %rbp"
            groups = {p["group"] for p in points}
            equal(groups, {"sampler", "gc", "types", "cache", "exact"}, f"groups of {folder / name}")
            bad = [p for p in points if p["instruction"] not in ("jbe", "push %rbp") and p["group"] not in
                   ("sampler", "cache")]  # both are linked only where they are used
            equal(bad, [], f"functions of {folder / name} that cannot be probed")
            check(any(p["instruction"] == wanted for p in points), f"no {wanted} in {folder / name}")
            found = [g["address"] for g in document["globals"]["rows"]]
            missing = [a for a in found if not a.startswith("0x")]
            check(len(missing) <= (1 if linked else 4), f"variables of {folder / name}: {found}")


@test("a process is checked as an observation would, and nothing is done to it")
def _():
    process = Announce(target("announce-stripped"))
    document = heaptap("inspect", "--json", "-p", process.pid).json()
    said = document["process"]["values"]
    equal(said["observable"], "yes", "whether it can be observed")
    equal(said["pid"], str(process.pid), "its number")
    check(said["runtime_sampler_now"].startswith("on, one sample per 524288"), said["runtime_sampler_now"])
    for key in ("sampler_probes_here", "gc_probes_here", "exact_windows_here", "kernel_and_capabilities"):
        check(said[key].startswith("yes"), f"{key}: {said[key]}")
    of_file = inspect(target("announce-stripped"))
    equal(document["types"], of_file["types"], "its types")
    process.ask("check")
    process.close()


# ---- two executables ----
@test("two executables differ by what one has more, largest growth first")
def _():
    for folder in folders():
        old, new = folder / "announce-noprof", folder / "announce-plain"
        document = heaptap("inspect", "--json", old, new).json()
        equal(document["schema"], "heaptap.inspect-diff/1", "schema")
        before, after = inspect(old), inspect(new)
        for key, name, measure in (("packages", "package", "code_bytes"), ("generics", "function", "code_bytes"),
                                   ("types", "type", "descriptor_bytes"), ("sites", "type", "sites")):
            sums = []
            for side in (before, after):
                sums.append({})
                for row in side[key]["rows"]:
                    sums[-1][row[name]] = sums[-1].get(row[name], 0) + row[measure]
            truth = {n: sums[1].get(n, 0) - sums[0].get(n, 0) for n in set(sums[0]) | set(sums[1])}
            growth = "growth" if measure == "sites" else "growth_bytes"
            said = [(r[name], r[growth]) for r in document[key]["rows"]]
            summed = {}  # types of two packages can have one name
            for n, g in said:
                summed[n] = summed.get(n, 0) + g
            equal({n: g for n, g in summed.items() if g}, {n: g for n, g in truth.items() if g}, f"growth of {key} in {new}")
            check([g for _, g in said] == sorted((g for _, g in said), reverse=True), f"{key} are not sorted")
        settings = {r["setting"]: (r["before"], r["after"]) for r in document["settings"]["rows"]}
        equal(settings.get("-tags"), ("noprof", ""), f"the tags of {old} and {new}")


@test("an executable does not differ from itself")
def _():
    path = target("embed-plain")
    document = heaptap("inspect", "--json", path, path).json()
    for key, section in document.items():
        if isinstance(section, dict):
            equal(section["rows"], [], f"differences in {key}")
    check("no difference" in heaptap("inspect", path, path).ok().out, "the text does not say so")


# ---- text ----
@test("the text fits into 100 columns and shows the sections asked for")
def _():
    for path in (target("announce-plain"), target("embed-stripped")):
        text = heaptap("inspect", "--top", "5", path).ok().out
        facts = ("executable", "build settings", "what heaptap can observe")
        long = [l for l in text.splitlines()[1:] if len(l) > 100]
        equal(long, [], "lines that are too long")
        check(all(f"\n{title}\n" in text for title in facts), f"titles are missing in\n{text[:300]}")
    text = heaptap("inspect", target("announce-plain"), "--only", "generics,types").ok().out
    titles = [l.split(":")[0] for l in text.splitlines() if l and not l.startswith(" ")][1:]
    equal(titles, ["generic functions", "types"], "sections shown")


@test("--top bounds the rows of JSON too, and the sums stay those of all")
def _():
    everything, some = (inspect(target("announce-plain"), *o) for o in ((), ("--top", "3")))
    for key in ("types", "packages", "sites"):
        equal(some[key]["rows"], everything[key]["rows"][:3], f"the three largest {key}")
        equal(some[key]["totals"], everything[key]["totals"], f"sums of {key}")


# ---- what is no Go executable ----
@test("what cannot be inspected is refused with one sentence")
def _():
    recording = scratch("inspected.heaptap")
    recording.write_bytes(b"SQLite format 3\0" + bytes(200))
    cut = scratch("cut")
    cut.write_bytes(target("announce-plain").read_bytes()[:100000])
    unreadable = scratch("unreadable")
    os.mkfifo(scratch("pipe"))
    empty = scratch("empty")
    empty.write_bytes(b"")
    for word, path in (("not a file", "/etc"), ("not an ELF", "/etc/passwd"), ("No such file", unreadable),
                       ("not a Go program", "/bin/ls"), ("recording", recording), ("truncated", cut),
                       ("not a file", scratch("pipe")), ("empty", empty)):
        refused(UNOBSERVABLE, word, "inspect", path)
        if path != "/bin/ls":
            refused(UNOBSERVABLE, word, "inspect", target("embed-plain"), path)
    refused(UNOBSERVABLE, "no such process", "inspect", "-p", "999999")


@test("wrong usage is refused with one sentence")
def _():
    for word, *arguments in (("no target",), ("two executables", "a", "b", "c"), ("nonsense", "--only", "nonsense", "a"),
                             ("either", "-p", "1", "a"), ("one process", "-p", "1,2"), ("--frobnicate", "--frobnicate"),
                             ("number", "--top", "x", "a"), ("--only", "--only", "", "a")):
        refused(USAGE, word, "inspect", *arguments)


@test("of an unknown Go version everything is shown that does not need its tables")
def _():
    copy = scratch("future")
    content = target("embed-stripped").read_bytes()
    version = inspect(target("embed-stripped"), "--only", "binary")["binary"]["values"]["go_version"]
    at = content.index(b"\xff Go buildinf:") + 32
    found = content.index(version.encode(), at)
    check(found - at < 16, "the version does not stand where it should")
    future = re.sub(r"^go1\.\d\d", "go1.99", version).encode()
    copy.write_bytes(content[:found] + future + content[found + len(future):])
    document = inspect(copy)
    equal(document["binary"]["values"]["go_version"], future.decode(), "version")
    check(document["settings"]["values"], "there are no settings")
    equal({r["file"] for r in document["embeds"]["rows"]}, set(EMBEDDED), "embedded files")
    for key in ("packages", "generics", "types", "itabs", "sites", "probes"):
        check(not document[key]["known"], f"{key} is claimed to be known")
        check("heaptap knows Go 1.19 to 1." in document[key]["note"], document[key]["note"])


@test("a large stripped server is taken apart with bounded memory")
def _():
    if not PROMETHEUS.exists():
        harness.skip("prometheus is not installed")
    result = run("/usr/bin/env", "time", "-f", "%e s, %U s of CPU, %M KiB", harness.HEAPTAP, "inspect", "--json",
                 PROMETHEUS) if shutil.which("time") else run(harness.HEAPTAP, "inspect", "--json", PROMETHEUS)
    document = result.json()
    harness.say(result.err.strip())
    absent = [k for k, s in document.items() if isinstance(s, dict) and not s["known"]]
    equal(absent, [], "sections that are not known")
    total, typed = (document["allocators"]["totals"][k] for k in ("sites", "typed"))
    check(total > 50000 and typed > 0.98 * total, f"{typed} of {total} sites have a type")
    check(document["types"]["totals"]["rows"] > 10000, "types are missing")


harness.main()
