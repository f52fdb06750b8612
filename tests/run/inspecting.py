"""What heaptap inspect says, and what go tool nm says of the same executable."""
import re

from harness import check, equal, heaptap, run


def inspect(path, *options):
    return heaptap("inspect", "--json", *options, path).json()


def rows(section, name):
    return {row[name]: row for row in section["rows"]}


def symbols(path):
    """(address, size, kind, name) of `go tool nm -size`."""
    for line in run("go", "tool", "nm", "-size", path).ok().out.splitlines():
        match = re.match(r"\s*([0-9a-f]*)\s+(\d+)\s+(\S)\s+(.*)$", line)
        if match:
            yield match[1], int(match[2]), match[3], match[4]


def generic_name(name):
    """The function without its type arguments, as a second opinion on model/goname.c; None when it is
    not generic."""
    out, depth, generic = "", 0, False
    for i, c in enumerate(name):
        if c == "[" and not depth:
            word = re.search(r"[\w%.]*$", name[:i])[0]
            if word and word.rsplit(".", 1)[-1] not in ("", "map"):
                generic = True
                out += "[...]"
                depth = 1
                continue
        if depth:
            depth += {"[": 1, "]": -1}.get(c, 0)
            continue
        out += c
    return out if generic else None


def generics_equal(path):
    truth, dictionaries = {}, {}
    for _, size, kind, name in symbols(path):
        if name.startswith("type:") or name.startswith("type.."):
            continue
        if "..dict." in name:
            owner = generic_name(name.replace("..dict.", ".", 1))
            if owner:
                dictionaries.setdefault(owner, []).append(size)
        elif kind in "Tt" and generic_name(name):
            truth.setdefault(generic_name(name), []).append(size)
    said = {n: r for n, r in rows(inspect(path, "--only", "generics")["generics"], "function").items()
            if not n.startswith("type")}
    check(truth, f"{path} has no generic function")
    equal({n: (r["code_bytes"], r["instantiations"]) for n, r in said.items() if r["instantiations"]},
          {n: (sum(s), len(s)) for n, s in truth.items()}, f"generic functions of {path}")
    equal({n: (r["dictionary_bytes"], r["dictionaries"]) for n, r in said.items() if r["dictionaries"]},
          {n: (sum(s), len(s)) for n, s in dictionaries.items()}, f"dictionaries of {path}")
