"""Real servers from Debian, stripped as they come: what heaptap says of them against what their own
/debug/pprof/heap says. Small load, on the loopback only."""
import base64
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request

import harness
import pprof
import trace_format
from harness import check, equal, heaptap, run, scratch, start, test, wait_until

COMPARED = 25  # sites that are compared, the heaviest of the server's own profile


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(url, data=None):
    with urllib.request.urlopen(url, data, timeout=20) as reply:
        return reply.read()


def answers(url):
    try:
        return fetch(url) or b"empty"
    except OSError:
        return None


def ranks(values):
    """Average ranks, ties shared."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    result = [0.0] * len(values)
    at = 0
    while at < len(order):
        last = at
        while last + 1 < len(order) and values[order[last + 1]] == values[order[at]]:
            last += 1
        for i in order[at:last + 1]:
            result[i] = (at + last) / 2
        at = last + 1
    return result


def spearman(a, b):
    """Pearson's correlation of the ranks."""
    x, y = ranks(a), ranks(b)
    mx, my = sum(x) / len(x), sum(y) / len(y)
    top = sum((p - mx) * (q - my) for p, q in zip(x, y))
    bottom = (sum((p - mx) ** 2 for p in x) * sum((q - my) ** 2 for q in y)) ** 0.5
    return top / bottom if bottom else 1.0


def compare(name, value, own, ours):
    """Prints the table; returns the rank correlation and the errors of the sites, in parts."""
    a, b = pprof.by_function(own, value), pprof.by_function(ours, value)
    sites = [site for site, amount in a.most_common(COMPARED) if amount > 0]
    check(len(sites) >= 5, f"{name}'s own profile has only {len(sites)} sites")
    rho = spearman([a[s] for s in sites], [b[s] for s in sites])
    errors = [abs(b[s] - a[s]) / a[s] for s in sites]
    harness.say(f"{name} {value}: rank correlation {rho:.3f} over {len(sites)} sites, "
                f"median error {sorted(errors)[len(errors) // 2] * 100:.1f} %, largest {max(errors) * 100:.1f} %")
    for site, error in list(zip(sites, errors))[:10]:
        harness.say(f"  {a[site]:>12} own {b[site]:>12} heaptap bytes ({error * 100:5.1f} %) {site}")
    return rho, sorted(errors)


def agree(name, pid, url):
    """?gc=1 makes the server collect first, which brings its profile up to date. The server goes on
    working between the two looks, so a site may differ by a few samples."""
    path = scratch(f"{name}.pb.gz")
    own = pprof.Profile(fetch(url + "/debug/pprof/heap?gc=1"))
    heaptap("flame", "-o", path, "-p", pid).ok()
    ours = pprof.read(path)
    for value in ("alloc_space", "inuse_space"):
        rho, errors = compare(name, value, own, ours)
        check(rho > 0.9, f"rank correlation of {value} is {rho:.3f}")
        check(errors[len(errors) // 2] < 0.1, f"median error of {value} is {errors[len(errors) // 2]:.2f}")


def top_knows_types(pid):
    line = heaptap("top", "--once", "--json", "--by", "type", "--value", "inuse_space", "--top", "20", "-p",
                   pid).json()
    known = [row for row in line["rows"] if row["name"] and "unknown" not in row["name"]]
    harness.say("types: " + ", ".join(f"{r['name']} {r['inuse_bytes']}" for r in known[:6]))
    check(len(known) >= 5, f"only {len(known)} types are known")
    lost = {k: v for k, v in line["losses"].items() if v and k != "type_unknown"}
    check(not lost, f"losses: {lost}")
    return line


def stays_small(pid):
    """The aim of 20 MB, of which most are heaptap's libraries: the server's file may not stay resident."""
    stream = harness.Stream("--interval", "0.2", "-p", pid)
    for _ in range(2):
        stream.next()
    with open(f"/proc/{stream.process.pid}/status") as status:
        peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    stream.stop().ok()
    harness.say(f"heaptap's resident memory at its peak: {peak / 1e6:.1f} MB")
    check(peak < 20_000_000, f"heaptap was resident with {peak} bytes")


def recorded(name, pid, load):
    """A recording of the server under load: it replays line by line, and converts into a trace in order."""
    path, trace = scratch(name + ".heaptap"), scratch(name + ".json")
    recorder = start(harness.HEAPTAP, "record", "--interval", "200ms", "--for", "6s", "-o", path, "-p", pid,
                     stderr=subprocess.PIPE, text=True)
    while recorder.poll() is None:
        load()
    equal(recorder.returncode, 0, f"status of the recorder ({recorder.stderr.read()})")
    lines = [json.loads(line) for line in heaptap("top", path, "--json", "--by", "site").ok().out.splitlines()]
    check(len(lines) >= 10, f"only {len(lines)} intervals in 6 s")
    totals = [line["heap"]["alloc_bytes"] for line in lines]
    check(totals == sorted(totals) and totals[0] < totals[-1], f"the allocated bytes do not grow: {totals}")
    check(lines[-1]["rows"] and any(line["rss"]["heap_bytes"] for line in lines), "no sites, or no parts of RSS")
    heaptap("timeline", path, "-o", trace).ok()
    document = trace_format.read(trace)
    check(trace_format.counters(document, "heap_inuse_bytes"), "no heap in the trace")
    cycles = lines[-1]["gc"]["cycles"] - lines[0]["gc"]["cycles"]
    slices = sum(e["ph"] == "X" and e["name"] in ("GC", "GC, forced") for e in document["traceEvents"])
    harness.say(f"recorded {len(lines)} intervals in {path.stat().st_size / 1024:.0f} KiB, {cycles} GC cycles, "
                f"{slices} slices of them, {len(document['traceEvents'])} trace events")
    check(slices > 0 or cycles == 0, "no GC cycle is in the trace")


def serve(name, *argv, **options):
    log = open(scratch(name + ".log"), "wb")
    if not shutil.which(argv[0]):
        harness.skip(f"{argv[0]} is not installed")
    return start(*argv, stdout=log, stderr=log, **options)


def ready(process, url, name):
    def look():
        check(process.poll() is None, f"{name} ended:\n" + scratch(name + ".log").read_text()[-2000:])
        return answers(url)
    wait_until(look, f"{name} to answer", pause=0.2)


@test("Prometheus scraping itself: sites, types and totals", seconds=300)
def _():
    port = free_port()
    config = scratch("prometheus.yml")
    config.write_text("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: self\n  static_configs:\n"
                      f"  - targets: ['127.0.0.1:{port}']\n")
    url = f"http://127.0.0.1:{port}"
    process = serve("prometheus", "prometheus", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
                    f"--storage.tsdb.path={scratch('tsdb')}")
    ready(process, url + "/-/ready", "prometheus")

    def scrapes():
        query = json.loads(fetch(url + "/api/v1/query?query=scrape_samples_scraped"))
        return query["data"]["result"]

    wait_until(scrapes, "the first scrape", pause=0.3)
    for _ in range(150):  # a load of queries, so that there is something to see
        fetch(url + "/api/v1/query?query=sum%20by(__name__)(%7Bjob%3D%22self%22%7D)")
        fetch(url + "/metrics")
    agree("prometheus", process.pid, url)
    line = top_knows_types(process.pid)
    stays_small(process.pid)
    own = dict(l.split(" ") for l in fetch(url + "/metrics").decode().splitlines()
               if l.startswith("go_memstats_") and "{" not in l)
    # what the server says of itself it has cached, and without what its threads hold back
    total = float(own["go_memstats_alloc_bytes_total"])
    harness.say(f"allocated {line['heap']['alloc_bytes']} heaptap, {total:.0f} own")
    harness.near(line["heap"]["alloc_bytes"], total, 0.05, "allocated bytes")
    recorded("prometheus", process.pid, lambda: fetch(url + "/api/v1/query?query=sum%20by(__name__)(%7Bjob%3D%22self%22%7D)"))
    equal(process.poll(), None, "Prometheus' state")


class Writer(threading.Thread):
    """Writes to etcd with etcdctl, a large value at a time, until told to stop: a few per second."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self.endpoint, self.over, self.written = endpoint, threading.Event(), 0
        self.start()

    def run(self):
        value = base64.b64encode(os.urandom(60000)).decode()
        while not self.over.wait(0.05):
            done = run("etcdctl", "--endpoints", self.endpoint, "put", f"key-{self.written % 200}", value,
                       env=dict(os.environ, ETCDCTL_API="3"))
            self.written += done.status == 0


@test("etcd under a write load: sites and types", seconds=300)
def _():
    if not shutil.which("etcdctl"):
        harness.skip("etcdctl is not installed")
    client, peer = free_port(), free_port()
    url, peer_url = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    process = serve("etcd", "etcd", "--enable-pprof", f"--data-dir={scratch('etcd')}", f"--listen-client-urls={url}",
                    f"--advertise-client-urls={url}", f"--listen-peer-urls={peer_url}",
                    f"--initial-advertise-peer-urls={peer_url}", f"--initial-cluster=default={peer_url}",
                    env={k: v for k, v in os.environ.items() if not k.startswith("ETCD")})
    ready(process, url + "/health", "etcd")
    writer = Writer(url)
    wait_until(lambda: writer.written >= 150, "the writes", 200, 0.1)
    agree("etcd", process.pid, url)
    top_knows_types(process.pid)
    recorded("etcd", process.pid, lambda: time.sleep(0.1))  # the writer goes on meanwhile
    before = writer.written
    wait_until(lambda: writer.written > before + 10, "writes after it was observed", pause=0.1)
    writer.over.set()
    writer.join(20)
    check(b"true" in fetch(url + "/health"), "etcd is not healthy afterwards")


harness.main()
