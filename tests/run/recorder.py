"""`heaptap record` at work, and what is in its file."""
import signal
import sqlite3
import subprocess

import harness
from harness import scratch, start, wait_until


def fresh(name):
    """A path where nothing is."""
    path = scratch(name)
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return path


class Recorder:
    """`heaptap record` at work."""

    def __init__(self, path, *arguments):
        self.path = path
        self.process = start(harness.HEAPTAP, "record", "-o", path, *arguments, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def intervals(self):
        """How many can be read now: a recording can be read while it is made."""
        if self.process.poll() is not None:
            raise harness.Failure(f"heaptap ended with {self.process.wait()}: {self.process.stderr.read()}")
        return count(self.path) if self.path.exists() else 0

    def reaches(self, number):
        return wait_until(lambda: self.intervals() >= number, f"{number} intervals")

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        return self.wait()

    def wait(self):
        out, err = self.process.communicate(timeout=60)
        status = self.process.returncode
        harness.end(self.process)
        return harness.Run(["heaptap record"], status, out, err)


def ask(path, query):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def count(path):
    try:
        return ask(path, "SELECT count(*) FROM intervals")[0][0]
    except sqlite3.OperationalError:  # its tables are not there yet
        return 0
