"""heaptap in a real terminal: a tmux of our own."""
import os
import shutil

import harness
from harness import PATIENCE_S, equal, run, scratch, wait_until


class Screen:
    """A tmux server of our own with one window that runs heaptap; ended with the test."""

    def __init__(self, announce, *options, command="top", columns=80, lines=24,
                 term="screen-256color", **environment):
        if not shutil.which("tmux"):
            harness.skip("tmux is not installed")
        self.name = f"heaptap-{os.getpid()}"
        self.status = scratch("status")
        self.status.unlink(missing_ok=True)
        settings = {"TERM": term, "LANG": "C.UTF-8", "LC_ALL": "", **environment}
        words = " ".join(f"{k}='{v}'" for k, v in settings.items())
        command = (f"cd {scratch('.')}; env {words} {harness.HEAPTAP} {command} {' '.join(map(str, options))} -p {announce.pid}; "
                   f"echo \"ended $?\" >{self.status}; stty -a >{scratch('stty')}; sleep 1000")
        self.tmux("kill-server")
        done = self.tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", lines, command)
        equal(done.status, 0, f"status of tmux ({done.err})")
        # without a client the server would take its own default size
        self.tmux("set-option", "-g", "window-size", "manual")

    def tmux(self, *words):
        return run("tmux", "-L", self.name, *words, env=dict(os.environ, TMUX="", LC_ALL="C.UTF-8"))

    def text(self, *options):
        return self.tmux("capture-pane", "-p", *options).out

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def shows(self, *words, seconds=PATIENCE_S):
        def look():
            text = self.text()
            return text if all(w in text for w in words) else None
        try:
            return wait_until(look, f"{words} on the screen", seconds, 0.1)
        except harness.Failure as error:
            raise harness.Failure(f"{error}; it shows\n{self.text()}")

    def resize(self, columns, lines):
        self.tmux("resize-window", "-x", columns, "-y", lines)

    def ended(self):
        text = wait_until(lambda: self.status.exists() and self.status.read_text(), "heaptap to end", pause=0.05)
        return int(text.split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")
