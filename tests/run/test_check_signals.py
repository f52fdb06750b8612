"""What a terminal, go and the user send to a `go test` under `heaptap check` reaches the test as without it."""
import os
import pathlib
import pty
import re
import signal

import harness
from gating import FAILED, environment, gate
from harness import check, equal, scratch, test

HANGS = """package hang

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

func TestHang(t *testing.T) {
	if os.Getenv("CATCH") != "" {
		caught := make(chan os.Signal, 10)
		signal.Notify(caught, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP)
		go func() {
			for s := range caught {
				fmt.Fprintln(os.Stderr, "GOT", s)
				if s == syscall.SIGHUP {
					os.Exit(0)
				}
			}
		}()
	}
	fmt.Fprintln(os.Stderr, "READY", os.Getpid())
	time.Sleep(time.Hour)
}
"""


def hanging():
    """A module whose test never ends."""
    folder = scratch("hanging")
    if not folder.exists():
        folder.mkdir()
        (folder / "go.mod").write_text("module example.com/hang\n\ngo 1.19\n")
        (folder / "hang_test.go").write_text(HANGS)
    return folder


class OnTerminal:
    """A command on a terminal of its own, which its signals come from."""

    def __init__(self, *argv, **extra):
        self.text = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(hanging())
            os.execvpe(str(argv[0]), [str(word) for word in argv], {**environment(), **extra})

    def read(self):
        """False when nobody has the terminal any more."""
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.text += data.decode(errors="replace").replace("\r", "")
        return bool(data)

    def wait_for(self, pattern):
        while not re.search(pattern, self.text):
            check(self.read(), f"no '{pattern}' in\n{self.text}")
        return re.search(pattern, self.text)

    def ready(self):
        """The process of the test, of which heaptap has seen something."""
        return int(self.wait_for(r"READY (\d+)\n")[1])

    def press(self, key):
        os.write(self.terminal, key)

    def end(self):
        while self.read():
            pass
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def gone(pid):
    return not pathlib.Path(f"/proc/{pid}").exists()


def hang(observed, act, **extra):
    """What becomes of a go test that hangs when `act` is done to it: exit status, text."""
    command = ("go", "test", "-v", "./...")
    go = OnTerminal(*((harness.HEAPTAP, "check", "--max-mallocs", "1G", "--") if observed else ()), *command, **extra)
    pid = go.ready()
    act(go, pid)
    status = go.end()
    harness.wait_until(lambda: gone(pid), "the test binary to be gone")
    return status, go.text


def same_as_alone(what, act, **extra):
    """Observed and not, the test's own words are the same, but for the goroutines' numbers and count."""
    lines = r"^(?:goroutine (?=\d)|SIG\w+|GOT \w+|panic:.*|exit status.*|signal:.*)"
    alone, observed = hang(False, act, **extra), hang(True, act, **extra)
    said, truth = (list(dict.fromkeys(re.findall(lines, text, re.M))) for text in (observed[1], alone[1]))
    equal(said, truth, f"what is said after {what}:\n{observed[1]}\nalone\n{alone[1]}\nand")
    equal(observed[1].count("GOT"), alone[1].count("GOT"), f"signals caught after {what}:\n{observed[1]}\nand")
    equal(observed[0], FAILED, f"exit status after {what}")
    check(f"the command itself ended with {alone[0]}\n" in observed[1], f"{what}: not {alone[0]} in\n{observed[1]}")


@test("a go test that hangs gets what the terminal, go and the user send it, once, and prints its goroutines", seconds=400)
def _():
    same_as_alone("^C", lambda go, pid: go.press(b"\x03"))
    same_as_alone("^\\", lambda go, pid: go.press(b"\x1c"))

    def catch(go, pid):
        go.press(b"\x03")
        go.wait_for("GOT interrupt")
        os.kill(pid, signal.SIGHUP)

    same_as_alone("a ^C that is caught", catch, CATCH="1")
    # what go itself does to its child, the recorder or the test binary, after its patience has ended
    quit_child = lambda go, pid: os.kill(pid if parent(pid) == go.pid else parent(pid), signal.SIGQUIT)
    same_as_alone("go's SIGQUIT", quit_child)


@test("go test's own timeout ends in the same goroutines, and is the command's failure", seconds=200)
def _():
    run = gate(FAILED, "--max-mallocs", "1G", "--", "go", "test", "-timeout", "2s", "./...", cwd=hanging(),
               env=environment(), seconds=150)
    check("panic: test timed out after 2s" in run.out and re.search(r"^goroutine \d+ \[", run.out, re.M), run.out)
    check("the command itself ended with 1" in run.out, run.out)


@test("a check of go test that is asked to end leaves neither go nor a test binary behind", seconds=200)
def _():
    status, text = hang(True, lambda go, pid: os.kill(go.pid, signal.SIGTERM))
    equal(status, FAILED, f"exit status, after\n{text}\nwhich")
    check(f"the command itself ended with {128 + signal.SIGTERM}" in text, text)


harness.main()
