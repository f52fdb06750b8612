"""Every command in a block of README.md that is marked ```sh run works as it stands there. What a reader
would put in is given: PID is a running demo service; sudo does nothing when root runs the tests."""
import os
import re

import harness
from harness import check, run, scratch, start, target, test

README = harness.ROOT / "README.md"


def blocks():
    if not README.exists():
        return []
    return re.findall(r"^```sh run\n(.*?)^```", README.read_text(), re.M | re.S)


def commands(block):
    """Lines, with continuation lines joined and comments left out."""
    for line in block.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip().removeprefix("$ ")
        if line:
            yield line


def reader_folder():
    """The checkout as the reader sees it, in a folder where they may leave files."""
    folder = scratch("reader")
    if not folder.exists():
        folder.mkdir()
        for entry in harness.ROOT.iterdir():
            if entry.name != ".git":
                (folder / entry.name).symlink_to(entry)
        tools = scratch("tools")
        tools.mkdir()
        (tools / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (tools / "sudo").chmod(0o755)
        (tools / "heaptap").symlink_to(harness.HEAPTAP)
    return folder


@test("README.md has commands that are marked as tested")
def _():
    check(README.exists(), "there is no README.md")
    check(list(blocks()), "no block is marked ```sh run")


for number, block in enumerate(blocks()):
    for command in commands(block):
        @test(f"README: {command}".replace("#", " "))
        def _(command=command):
            folder = reader_folder()
            demo = start(target("demo-stripped"))
            environment = dict(os.environ, PID=str(demo.pid), PATH=f"{scratch('tools')}:{os.environ['PATH']}")
            text = re.sub(r"\bPID\b", str(demo.pid), command.replace("$PID", "PID"))
            run("sh", "-e", "-c", text, cwd=folder, env=environment, seconds=120).ok()


harness.main()
