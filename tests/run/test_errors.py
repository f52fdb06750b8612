"""Bad input ends in exactly one sentence and the documented exit status, and harms nothing."""
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess

import harness
from harness import Announce, check, equal, heaptap, readable_scratch, run, scratch, start, target, test

STRIPPED = "announce-stripped"
USAGE, UNOBSERVABLE = 2, 3


def refused(status, word, *arguments, **options):
    """One line on standard error, nothing on standard output; `word` is in the line."""
    result = heaptap(*arguments, **options)
    what = "heaptap " + " ".join(str(a) for a in arguments)
    equal(result.status, status, f"exit status of `{what}` ({result.err.strip()!r})")
    equal(len(result.sentences()), 1, f"number of lines on standard error of `{what}`:\n{result.err}\nit")
    line = result.sentences()[0]
    check(line.startswith("heaptap: "), f"`{what}` says {line!r}")
    check(word.lower() in line.lower(), f"`{what}` does not say '{word}': {line!r}")
    equal(result.out, "", f"standard output of `{what}`")
    return line


# ---- usage ----
USAGES = [
    ("no target", "top"),
    ("no target", "flame", "-o", "x.html"),
    ("frobnicate", "frobnicate"),
    ("--frobnicate", "top", "--frobnicate", "-p", "1"),
    ("-Z", "top", "-Z", "-p", "1"),
    ("value", "top", "-p"),
    ("abc", "top", "-p", "abc"),
    ("", "top", "-p", "-5"),
    ("", "top", "-p", "1,"),
    ("", "top", "-p", "99999999999999999999"),
    ("one of", "top", "-p", "1", "-n", "x"),
    ("nonsense", "top", "--by", "nonsense", "-p", "1"),
    ("nonsense", "top", "--value", "nonsense", "-p", "1"),
    ("nonsense", "top", "--mode", "nonsense", "-p", "1"),
    ("", "top", "--interval", "soon", "-p", "1"),
    ("", "top", "--interval", "-1s", "-p", "1"),
    ("", "top", "--interval", "1e999s", "-p", "1"),
    ("", "top", "--budget", "101%", "-p", "1"),
    ("", "top", "--top", "-1", "-p", "1"),
    ("", "top", "--filter", "(", "--once", "-p", "1"),
    ("stray", "top", "stray", "-p", "1"),
    ("command", "top", "--once", "--"),
    ("output", "flame", "-p", "1"),
    ("format", "flame", "-o", "x.unknown", "-p", "1"),
    ("nonsense", "flame", "--format", "nonsense", "-o", "x", "-p", "1"),
    ("nonsense", "help", "nonsense"),
]


@test("wrong usage is refused with exit status 2 and one sentence")
def _():
    for word, *arguments in USAGES:
        refused(USAGE, word, *arguments)


@test("without a command the usage goes to standard error, with --help to standard output")
def _():
    bare = heaptap()
    equal((bare.status, bare.out), (USAGE, ""), "status and output")
    check("heaptap top" in bare.err, f"usage: {bare.err}")
    for arguments in (["--help"], ["help"], ["top", "--help"], ["help", "flame"], ["--version"]):
        result = heaptap(*arguments)
        equal((result.status, result.err), (0, ""), f"status and standard error of {arguments}")
        check("heaptap" in result.out, f"output of {arguments}")


# ---- targets that cannot be observed ----
@test("a process that is not there")
def _():
    gone = start("/bin/true")
    gone.wait()
    for command in (["top", "--once"], ["top", "--json"], ["flame", "-o", scratch("x.html")]):
        refused(UNOBSERVABLE, str(gone.pid), *command, "-p", gone.pid)
    refused(UNOBSERVABLE, "no-such-name", "top", "--once", "-n", "no-such-name")


@test("a process that is no Go program")
def _():
    sleeper = start("/bin/sleep", "100")
    refused(UNOBSERVABLE, "Go", "top", "--once", "-p", sleeper.pid)
    refused(UNOBSERVABLE, "Go", "flame", "-o", scratch("x.html"), "-p", sleeper.pid)
    equal(sleeper.poll(), None, "the process's state")


@test("a kernel thread and a zombie")
def _():
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) > 1 and not (entry / "cmdline").read_bytes():
            if (entry / "stat").read_text().rsplit(")", 1)[1].split()[1] == "2":
                refused(UNOBSERVABLE, "", "top", "--once", "-p", entry.name)
                break
    zombie = start("/bin/true")
    harness.wait_until(lambda: open(f"/proc/{zombie.pid}/stat").read().rsplit(")", 1)[1].split()[0] == "Z",
                       "the child to become a zombie")
    refused(UNOBSERVABLE, str(zombie.pid), "top", "--once", "-p", zombie.pid)


@test("a 32-bit Go program")
def _():
    path = scratch("announce32")
    env = dict(os.environ, GOARCH="386", CGO_ENABLED="0", GOFLAGS="-mod=mod", GOPROXY="off", GOTOOLCHAIN="local",
               GOCACHE=os.environ.get("GOCACHE", "/var/tmp/heaptap/go-build"))
    built = subprocess.run(["go", "build", "-o", path, "./announce"], cwd=harness.ROOT / "tests/targets", env=env,
                           capture_output=True, text=True)
    equal(built.returncode, 0, f"status of the 32-bit build ({built.stderr})")
    try:
        announce = Announce(path)
    except (OSError, harness.Failure):
        harness.skip("this kernel runs no 32-bit programs")
    line = refused(UNOBSERVABLE, "", "top", "--once", "-p", announce.pid)
    check("32" in line or "386" in line, f"the reason is not said: {line!r}")
    announce.ask("check")


def run_copy(name, change, *arguments):
    """Starts a copy of a program whose file was changed where the kernel's loader does not look."""
    source, path = pathlib.Path(arguments[0]), scratch(name)
    data = bytearray(source.read_bytes())
    change(data)
    path.write_bytes(data)
    path.chmod(0o755)
    return start(path, *arguments[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def survives(process):
    """A strange file: refused in one sentence, or observed; never a crash, never silence."""
    result = heaptap("top", "--once", "--interval", "0.1", "-p", process.pid)
    check(result.status in (0, UNOBSERVABLE), f"exit status {result.status}: {result.err}")
    if result.status:
        equal(len(result.sentences()), 1, f"number of sentences:\n{result.err}\nit")
    equal(process.poll(), None, "the target's state")
    return result


def put(offset, data):
    def change(image):
        image[offset:offset + len(data)] = data
    return change


def load_end(image):
    """The end of what the kernel maps: everything after it can go."""
    offset, size, count = (struct.unpack_from("<Q", image, 32)[0], *struct.unpack_from("<HH", image, 54))
    ends = [0]
    for i in range(count):
        kind, _, at, _, _, length = struct.unpack_from("<IIQQQQ", image, offset + i * size)
        if kind == 1:
            ends.append(at + length)
    return max(ends)


@test("Go programs whose section headers are absent, absurd or beyond the file's end")
def _():
    def truncate(image):
        del image[load_end(image):]

    def no_sections(image):
        image[40:48] = bytes(8)  # e_shoff
        image[60:64] = bytes(4)  # e_shnum, e_shstrndx

    changes = {
        "truncated": truncate,
        "no sections": no_sections,
        "sections beyond the end": put(40, (1 << 62).to_bytes(8, "little")),
        "sections at the very top": put(40, (0xFFFFFFFFFFFFFFF0).to_bytes(8, "little")),
        "section count": put(60, b"\xff\xff"),
        "section size": put(58, b"\x01\x00"),
        "name table": put(62, b"\xfe\xff"),
    }
    for name, change in changes.items():
        process = run_copy(name.replace(" ", "-"), change, target(STRIPPED))
        process.stdout.readline()
        survives(process)
        process.stdin.write(b"check\n")
        process.stdin.flush()
        check(b'"ok": true' in process.stdout.readline(), f"the target after '{name}'")
        harness.end(process)


@test("a C program that claims to be Go with hostile build info and tables")
def _():
    for seed in range(6):
        blob = scratch(f"blob{seed}")
        noise = bytes((i * 2654435761 + seed * 97) >> 7 & 0xFF for i in range(8192))
        magic = b"\xff Go buildinf:" + (b"\x08\x02" if seed % 2 else b"\x08\x00")
        info = scratch(f"info{seed}")
        info.write_bytes(magic + (b"\xff" * 64 if seed < 3 else noise[:64]))
        # pclntab magics of 1.20, 1.18 and 1.16, then absurd counts
        heads = [b"\xf1\xff\xff\xff", b"\xf0\xff\xff\xff", b"\xfa\xff\xff\xff"]
        blob.write_bytes(heads[seed % 3] + b"\0\0\1\x08" + (b"\xff" * 56 if seed < 3 else noise[:56]) + noise)
        path = scratch(f"hostile{seed}")
        made = subprocess.run(["objcopy", "--add-section", f".go.buildinfo={info}", "--add-section",
                               f".gopclntab={blob}", "/bin/sleep", str(path)], capture_output=True, text=True)
        equal(made.returncode, 0, f"status of objcopy ({made.stderr})")
        process = start(path, "100")
        result = survives(process)
        equal(result.status, UNOBSERVABLE, f"exit status for hostile tables, seed {seed}")


@test("a file that cannot be started, and one that ends at once")
def _():
    cut = scratch("cut")
    cut.write_bytes(target(STRIPPED).read_bytes()[:40])
    cut.chmod(0o755)
    folder = scratch("start-here")  # whoever takes such a file for a shell script writes who knows what
    folder.mkdir()
    refused(UNOBSERVABLE, "cut", "top", "--once", "--", cut, cwd=folder)
    equal(list(folder.iterdir()), [], "files that starting it left")
    refused(UNOBSERVABLE, "no-such-file", "top", "--once", "--", "/no-such-file")
    refused(UNOBSERVABLE, "true", "top", "--once", "--", "/bin/true")


# ---- permission ----
def as_user(capabilities):
    """A command line in front that leaves exactly these capabilities to user 65534."""
    names = ",".join("+" + c for c in capabilities)
    limits = ["--inh-caps", "-all" + ("," + names if names else ""),
              "--bounding-set", "-all" + ("," + names if names else "")]
    if names:
        limits += ["--ambient-caps", "-all," + names]
    return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *limits]


def public_heaptap():
    path = readable_scratch("heaptap")
    if not path.exists():
        shutil.copy(harness.HEAPTAP, path)
        path.chmod(0o755)
    return path


def refused_as(capabilities, word, announce):
    result = run(*as_user(capabilities), public_heaptap(), "top", "--once", "-p", announce.pid)
    equal(result.status, UNOBSERVABLE, f"exit status with {capabilities} ({result.err.strip()!r})")
    equal(len(result.sentences()), 1, f"number of lines with {capabilities}:\n{result.err}\nit")
    check(word.lower() in result.err.lower(), f"with {capabilities} it does not say {word}: {result.err!r}")


@test("an unprivileged user is told which capabilities are missing")
def _():
    announce = Announce(target(STRIPPED))
    refused_as([], "CAP_SYS_PTRACE", announce)
    announce.ask("check")


@test("with one capability missing, that one is named")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("alloc", "buffer8k", 3000, 3000)
    refused_as(["bpf", "perfmon"], "CAP_SYS_PTRACE", announce)
    # without bpf or perfmon the counters and the bucket list can still be read: that may be shown
    # instead, but then the missing capability has to be said
    for have, missing in ((["sys_ptrace", "perfmon"], "CAP_BPF"), (["sys_ptrace", "bpf"], "CAP_PERFMON")):
        result = run(*as_user(have), public_heaptap(), "top", "--once", "-p", announce.pid)
        check(result.status in (0, UNOBSERVABLE), f"exit status with {have}: {result.status} {result.err}")
        # that the parts of RSS need one more is another matter
        lines = [line for line in result.sentences() if "CAP_DAC_READ_SEARCH" not in line]
        equal(len(lines), 1, f"number of lines with {have}:\n{result.err}\nit")
        check(missing in result.err, f"with {have} it does not say {missing}: {result.err!r}")
    announce.ask("check")


@test("CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE are enough where the kernel has uprobe_multi")
def _():
    if tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2]) < (6, 6):
        harness.skip("this kernel has no uprobe_multi")
    announce = Announce(target(STRIPPED))
    announce.ask("alloc", "buffer8k", 3000, 3000)
    announce.ask("gc")
    result = run(*as_user(["bpf", "perfmon", "sys_ptrace"]), public_heaptap(), "top", "--once", "-p", announce.pid)
    equal(result.status, 0, f"exit status ({result.err.strip()!r})")
    check("main.buffer8k" in result.out, f"the table:\n{result.out}")
    check("CAP_DAC_READ_SEARCH" in result.err, f"that RSS is not explained is not said: {result.err!r}")
    announce.ask("check")


@test("with CAP_DAC_READ_SEARCH as well, nothing is missing")
def _():
    announce = Announce(target(STRIPPED))
    result = run(*as_user(["bpf", "perfmon", "sys_ptrace", "dac_read_search"]), public_heaptap(), "top", "--once", "--json",
                 "--mode", "counters", "-p", announce.pid)
    equal(result.status, 0, f"exit status ({result.err.strip()!r})")
    equal(result.err, "", "what is said")
    check(json.loads(result.out)["rss"]["heap_bytes"], f"the parts of RSS are not known: {result.out}")
    announce.ask("check")


# ---- output ----
@test("an output that cannot be written is refused before anything is observed")
def _():
    announce = Announce(target(STRIPPED))
    for path in ("/no-such-folder/x.html", "/proc/x.html"):
        refused(UNOBSERVABLE, path, "flame", "-o", path, "-p", announce.pid)
    folder = scratch("a-folder.html")
    folder.mkdir()
    refused(UNOBSERVABLE, "a-folder.html", "flame", "-o", folder, "-p", announce.pid)


@test("a full disk: one sentence, exit status 3, no half file")
def _():
    announce = Announce(target(STRIPPED))
    announce.ask("alloc", "buffer8k", 3000, 3000)
    announce.ask("gc")
    for form in ("folded", "pprof", "html", "svg", "speedscope"):
        result = heaptap("flame", "--format", form, "-o", "/dev/full", "-p", announce.pid)
        if "no format" in result.err:
            continue
        equal(result.status, UNOBSERVABLE, f"exit status of {form} ({result.err!r})")
        equal(len(result.sentences()), 1, f"number of lines:\n{result.err}\nit")
        check("No space left" in result.err, f"the reason for {form}: {result.err!r}")
    for options in (["--once"], ["--once", "--json"]):
        with open("/dev/full", "w") as full:
            result = heaptap("top", *options, "-p", announce.pid, stdout=full)
        equal(result.status, UNOBSERVABLE, f"exit status of top {options} ({result.err!r})")
        equal(len(result.sentences()), 1, f"number of lines:\n{result.err}\nit")
    small = scratch("small")
    small.mkdir()
    mounted = run("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", small)
    if mounted.status:
        harness.skip("tmpfs cannot be mounted here")
    try:
        (small / "filler").write_bytes(bytes(4096))
        refused(UNOBSERVABLE, "x.html", "flame", "-o", small / "x.html", "-p", announce.pid)
        equal(sorted(p.name for p in small.iterdir()), ["filler"], "files in the full folder")
    finally:
        run("umount", "-l", small)


@test("a reader that goes away ends a stream without a word")
def _():
    announce = Announce(target(STRIPPED))
    stream = harness.Stream("--interval", "0.1", "-p", announce.pid)
    stream.next()
    stream.process.stdout.close()
    harness.wait_until(lambda: stream.process.poll() is not None, "heaptap to end")
    err = stream.process.stderr.read()
    equal((stream.process.returncode, err), (0, ""), "status and standard error")


# ---- targets that go away ----
@test("a target that dies ends the observation with the data so far and one sentence")
def _():
    for how in (signal.SIGKILL, signal.SIGTERM):
        announce = Announce(target(STRIPPED))
        stream = harness.Stream("--interval", "0.2", "-p", announce.pid)
        stream.next()
        announce.process.send_signal(how)
        announce.process.wait()
        out, err = stream.process.communicate(timeout=harness.PATIENCE_S)
        equal(len(err.strip().splitlines()), 1, f"number of lines on standard error:\n{err}\nit")
        check("ended" in err or "gone" in err, f"the sentence: {err!r}")
        check(stream.process.returncode in (0, UNOBSERVABLE), f"exit status {stream.process.returncode}")


@test("a target that dies during the window of flame leaves a whole file")
def _():
    announce = Announce(target(STRIPPED))
    path = scratch("dying.folded")
    announce.ask("churn", 900, 1, 0)
    process = start(harness.HEAPTAP, "flame", "--interval", "0.2", "--for", "60s", "-o", path, "-p", announce.pid,
                    stderr=subprocess.PIPE, text=True)
    harness.wait_until(lambda: probed(process.pid), "heaptap to be at work")
    announce.process.kill()
    announce.process.wait()
    _, err = process.communicate(timeout=harness.PATIENCE_S)
    equal(len(err.strip().splitlines()), 1, f"number of lines:\n{err}\nit")
    check(process.returncode in (0, UNOBSERVABLE), f"exit status {process.returncode}")
    if process.returncode == 0:
        check(path.exists(), "no file")


def probed(pid):
    """Whether the process holds BPF links or perf events."""
    try:
        names = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return False
    return any("bpf" in n or "perf_event" in n for n in names)


harness.main()
