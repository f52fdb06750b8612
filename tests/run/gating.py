"""Running `heaptap check`: its exit statuses, its JSON, and the environment of the go that it starts."""
import json
import os

from harness import equal, heaptap, scratch

KEPT, BROKEN, USAGE, FAILED, REFUSED = 0, 1, 2, 3, 4


def environment():
    return dict(os.environ, GOFLAGS="-mod=mod", GOPROXY="off", GOTOOLCHAIN="local", GO111MODULE="on",
                GOCACHE=os.environ.get("GOCACHE", str(scratch("go-cache"))))


def gate(status, *arguments, **options):
    run = heaptap("check", *arguments, **options)
    equal(run.status, status, f"exit status of {arguments}, which said\n{run.out}{run.err}\nand")
    return run


def result(status, *arguments, **options):
    """The JSON, wherever the command's own output stands."""
    path = scratch("check.json")
    gate(status, "--json", "-o", path, *arguments, **options)
    value = json.loads(path.read_text())
    equal(value["schema"], "heaptap.check/1", "the schema")
    return value
