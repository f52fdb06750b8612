"""`heaptap inspect` of an executable that has much of everything, and long names."""
import os
import pathlib
import re
import subprocess

import harness
from harness import check, equal, heaptap, scratch, test
from inspecting import generics_equal, inspect, rows, symbols

MANY, LONG, COPIES = 1500, 3000, 40  # functions and types, letters of a name, embedded copies


def newest_go():
    """The newest toolchain that was fetched; Debian's where there is none."""
    cache = pathlib.Path(os.environ.get("HEAPTAP_CACHE", "/var/tmp/heaptap"))
    return str(max(cache.glob("go/bin/go1.*"), key=lambda path: int(path.name.split(".")[1]), default="go"))


def large_program(go):
    """Thousands of functions, types and instantiations, some with names of thousands of letters, and files that are
    embedded many times."""
    folder = scratch("large")
    path = folder / harness.go_version(go)
    if path.exists():
        return path
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "go.mod").write_text("module example.com/large\n\ngo 1.19\n")
    for i in range(COPIES):
        (folder / f"data/copy{i:03}").write_bytes(b"the same in all of them\n" * 20000)
    (folder / "data/other").write_bytes(b"another\n" * 20000)
    long = "Letters" * (LONG // 7)
    lines = ["package main", 'import ("embed"; "fmt"; "os")', "//go:embed data", "var data embed.FS", "type any = interface{}",
             "type pair[T any] struct { one, other T }", "//go:noinline",
             "func makePair[T any](value T) *pair[T] { return &pair[T]{value, value} }"]
    for i in range(MANY):
        name = f"{long}{i}" if i % 100 == 0 else f"Item{i}"
        lines += [f"type {name} struct {{ words [{i + 1}]uint16 }}", "//go:noinline",
                  f"func make{name}() any {{ return new({name}) }}"]
        lines += [f"func init() {{ if len(os.Args) > 1 {{ fmt.Println(make{name}(){', makePair(' + name + '{})' if i % 10 == 0 else ''}) }} }}"]
    lines.append("func main() { files, _ := data.ReadDir(\"data\"); fmt.Println(len(files)) }")
    (folder / "main.go").write_text("\n".join(lines) + "\n")
    environment = dict(os.environ, GOFLAGS="-mod=mod", GOPROXY="off", GOTOOLCHAIN="local", GO111MODULE="on",
                       GOCACHE=os.environ.get("GOCACHE", str(scratch("go-cache"))))
    subprocess.run([go, "build", "-o", path.name, "."], cwd=folder, env=environment, check=True)
    return path


@test("of thousands of functions, types and files with names of thousands of letters nothing is lost", seconds=300)
def _():
    path = large_program(newest_go())
    document = inspect(path)
    code = sum(s for _, s, k, n in symbols(path) if k in "Tt" and re.match(r"(type[.:]\.(eq|hash)\.)?main\.", n))
    package = rows(document["packages"], "package")["main"]
    equal(package["code_bytes"], code, f"code of main in {path}")
    generics_equal(path)
    types = rows(document["types"], "type")
    long = "main." + "Letters" * (LONG // 7)
    for i in range(MANY):
        name = f"{long}{i}" if i % 100 == 0 else f"main.Item{i}"
        equal(types[name]["object_bytes"], 2 * (i + 1), f"size of {name[:20]}...{i}")
    sites = rows(document["sites"], "type")
    check(all((f"{long}{i}" if i % 100 == 0 else f"main.Item{i}") in sites for i in range(MANY)), "sites are missing")
    files = rows(document["embeds"], "file")
    equal({f["copies"] for n, f in files.items() if "copy" in n}, {COPIES}, "copies")
    equal(document["embeds"]["totals"], {"rows": COPIES + 1, "size_bytes": COPIES * 480000 + 160000,
                                         "stored_bytes": 480000 + 160000}, "files")


@test("its text has no line that is too long, each section has its largest rows, and names are cut with a mark",
      seconds=300)
def _():
    text = heaptap("inspect", large_program(newest_go())).ok().out.splitlines()[1:]
    equal([l for l in text if len(l) > 100], [], "lines that are too long")
    check(len(text) < 300, f"{len(text)} lines")
    text = heaptap("inspect", "--only", "types,sites,itabs", "--top", 10 * MANY, large_program(newest_go())).ok().out.splitlines()[1:]
    equal([l for l in text if len(l) > 100], [], "lines that are too long, of all")
    check(len(text) > 2 * MANY, f"only {len(text)} lines of all")
    check(any(re.search(r"main\.LettersLetters.*\.\.\.$", l) for l in text), "no long name is cut")


harness.main()
