"""What the integration tests share: tests that register themselves and speak TAP, the targets that are
driven over pipes, and heaptap as its user runs it. Standard library only.

    @test("a sentence")
    def _():
        equal(heaptap("top", "--once", "-p", "1").status, 3, "exit status")

    main()
"""
import atexit
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
HEAPTAP = os.environ.get("HEAPTAP", str(ROOT / "build/heaptap"))
TARGETS = pathlib.Path(os.environ.get("TARGETS_DIR", str(ROOT / "build/targets")))
TEST_SECONDS = 300
LONG_S = 10  # a test that takes longer says so: this is where the time of all goes
PATIENCE_S = 100  # for what comes by itself: reached only when it never comes, however busy the machine is

_tests = []
_running = []


class Failure(Exception):
    """What a test found wrong."""


class Skip(Exception):
    """Why a test cannot be made here."""


def test(sentence, seconds=TEST_SECONDS):
    def register(function):
        _tests.append((sentence, function, seconds))
        return function

    return register


def skip(reason):
    raise Skip(reason)


def check(condition, message):
    if not condition:
        raise Failure(message)


def equal(actual, expected, what):
    check(actual == expected, f"{what} is {actual!r}, not {expected!r}")


def near(actual, expected, share, what):
    """Within `share` of expected, e.g. 0.05."""
    check(actual is not None and abs(actual - expected) <= abs(expected) * share,
          f"{what} is {actual}, not {expected} (+-{share * 100:g} %)")


def say(text):
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def _on_alarm(_signal, _frame):
    raise Failure("the test ran out of time")


def _run_one(function, seconds):
    signal.signal(signal.SIGALRM, _on_alarm)
    signal.alarm(seconds)
    try:
        function()
    finally:
        signal.alarm(0)
        end_everything()


def _say_if_long(seconds):
    if seconds >= LONG_S:
        say(f"took {seconds:.0f} s")


def main():
    """Runs the tests (or those whose sentence contains the first argument) and prints TAP."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    count = failed = 0
    for sentence, function, seconds in _tests:
        if wanted not in sentence:
            continue
        count += 1
        began = time.monotonic()
        try:
            _run_one(function, seconds)
            print(f"ok {count} - {sentence}", flush=True)
        except Skip as reason:
            print(f"ok {count} - {sentence} # SKIP {reason}", flush=True)
        except Exception as error:
            failed += 1
            print(f"not ok {count} - {sentence}", flush=True)
            say(error if isinstance(error, Failure) else traceback.format_exc(limit=-2))
        _say_if_long(time.monotonic() - began)
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


# ---- processes ----
def start(*argv, **options):
    """A process that ends with the test, whatever happens."""
    process = subprocess.Popen([str(a) for a in argv], **options)
    _running.append(process)
    return process


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            try:
                stream.close()
            except BrokenPipeError:
                pass
    if process in _running:
        _running.remove(process)


@atexit.register
def end_everything():
    for process in list(_running):
        end(process)


def wait_until(condition, what, seconds=PATIENCE_S, pause=0.02):
    """Asks again and again; returns the first true answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        check(time.monotonic() < deadline, f"waited {seconds} s in vain for {what}")
        time.sleep(pause)


class Run:
    """What a finished command left."""

    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    def sentences(self):
        return [line for line in self.err.splitlines() if line.strip()]

    def ok(self):
        check(self.status == 0, f"{' '.join(self.argv)}\nended with {self.status}\n{self.err}")
        return self

    def json(self):
        lines = self.ok().out.splitlines()
        equal(len(lines), 1, f"number of lines of {self.argv}")
        return json.loads(lines[0])


def run(*argv, seconds=PATIENCE_S, **options):
    argv = [str(a) for a in argv]
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    process = start(*argv, text=True, errors="replace", **options)
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        _, err = process.communicate()
        raise Failure(f"{' '.join(argv)}\ndid not end within {seconds} s\n{err}")
    finally:
        _running.remove(process)
    return Run(argv, process.returncode, out or "", err or "")


def heaptap(*arguments, **options):
    return run(HEAPTAP, *arguments, **options)


class Stream:
    """`heaptap top --json` at work: its lines as they come."""

    def __init__(self, *arguments):
        self.process = start(HEAPTAP, "top", "--json", *arguments, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def next(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"heaptap ended with {self.process.wait()}: {self.process.stderr.read()}")
        return json.loads(line)

    def after(self, unix_ns):
        """The first line of which both ends of the interval are later than the moment given."""
        while True:
            line = self.next()
            if line["time_unix_ns"] - line["interval_s"] * 1e9 > unix_ns:
                return line

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=PATIENCE_S)
        status = self.process.returncode
        end(self.process)
        return Run(["heaptap"], status, out, err)


class Announce:
    """A target that does as it is told (tests/targets/announce, patterns, incident)."""

    def __init__(self, path, *arguments, **environment):
        self.process = start(path, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ, **environment))
        self.ready = self.answer()
        self.pid = self.process.pid

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"the target ended with {self.process.wait()}")
        return json.loads(line)

    def send(self, *words):
        self.process.stdin.write((" ".join(str(w) for w in words) + "\n").encode())
        self.process.stdin.flush()

    def ask(self, *words):
        self.send(*words)
        answer = self.answer()
        check(answer.get("ok") or answer.get("ready"), f"{words}: {answer}")
        return answer

    def close(self):
        end(self.process)


# ---- what was done to the target ----
def text_of(pid):
    """The bytes of the program that the processor runs, as the target has them now."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        exe = os.readlink(f"/proc/{pid}/exe")
        for line in maps:
            if line.split()[1][2] == "x" and line.rstrip().endswith(exe):
                begin, end = (int(x, 16) for x in line.split()[0].split("-"))
                memory.seek(begin)
                return memory.read(end - begin)
    raise Failure(f"no text of {exe} in process {pid}")


def probed(before, pid):
    """How many bytes differ from those of before: one for each probe."""
    return sum(a != b for a, b in zip(before, text_of(pid)))


# ---- what was built ----
def _version_key(folder):
    return [int(part) for part in folder.name[2:].split(".")]


def toolchains():
    """The folders of targets: of the toolchains named in $GO, else the newest one built."""
    folders = sorted((f for f in TARGETS.glob("go1.*") if f.is_dir()), key=_version_key)
    if os.environ.get("GO"):
        wanted = {go_version(go) for go in os.environ["GO"].split()}
        return [f for f in folders if f.name in wanted]
    wanted = go_version("go")
    return [f for f in folders if f.name == wanted]


def go_version(go):
    text = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, cwd="/",
                          env=dict(os.environ, GOTOOLCHAIN="local")).stdout
    return ".".join(text.strip().split(".")[:2])


def target(name, folder=None):
    folder = folder or (toolchains() or [TARGETS])[-1]
    path = folder / name
    check(path.exists(), f"{path} has not been built (tests/targets/build.sh)")
    return path


_scratch = tempfile.TemporaryDirectory(prefix="heaptap-run-")


def scratch(name):
    """A file for the tests of this program, gone when they end."""
    return pathlib.Path(_scratch.name) / name


def readable_scratch(name):
    """The same for other users."""
    os.chmod(_scratch.name, 0o755)
    return scratch(name)
