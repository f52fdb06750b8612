#!/usr/bin/env python3
"""What observing costs, as ratios measured in one run. Root, and a quiet machine if there is one.

Every figure is a ratio of neighbouring windows on the same target (observed / not observed), so that the
machine's drift cancels out; medians with the 95 % interval of the median. Throughput is per CPU second of the target:
the traps run on its own time, and what other processes take away does not count.
"""
import argparse
import datetime
import glob
import json
import os
import platform
import random
import select
import shutil
import signal
import statistics
import subprocess
import sys
import time

HEAPTAP = os.path.abspath("build/heaptap")
EXACT = ("--mode", "exact", "--force")


def cpu_seconds(pid):
    """User and system time of a process so far, from the scheduler's own nanoseconds of all its threads."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path) as file:
                total += int(file.read().split()[0])
        except OSError:
            pass
    return total / 1e9


class Churn:
    """The target: allocates as fast as it can and says how much it did between two questions."""

    def __init__(self, binary, mode, rate=None):
        # one P: a second one would mark in the background whenever it is idle, which is CPU time without objects
        environment = dict(os.environ, GOMAXPROCS="1")
        if rate is not None:
            environment["GODEBUG"] = f"memprofilerate={rate}"
        self.process = subprocess.Popen([binary, "-mode", mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)
        self.pid = json.loads(self.process.stdout.readline())["pid"]

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer, cpu_seconds(self.pid)

    def window(self, seconds):
        """Objects per CPU second, objects per second, bytes per second."""
        _, cpu_before = self.ask()
        time.sleep(seconds)
        answer, cpu_after = self.ask()
        wall = answer["ns"] / 1e9
        return answer["objects"] / (cpu_after - cpu_before), answer["objects"] / wall, answer["bytes"] / wall

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Heaptap:
    """heaptap top --json on the target, from attaching to detaching."""

    def __init__(self, pid, *options):
        self.process = subprocess.Popen([HEAPTAP, "top", "-p", str(pid), "--json", "--interval", "500ms", *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        os.set_blocking(self.process.stdout.fileno(), True)
        self.lines = [json.loads(self.process.stdout.readline())]

    def drain(self):
        while select.select([self.process.stdout], [], [], 0)[0]:
            line = self.process.stdout.readline()
            if not line:
                break
            self.lines.append(json.loads(line))

    def close(self):
        """Seconds from the signal to the end, detaching included."""
        self.drain()
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.read()
        self.process.wait()
        return time.monotonic() - start


class Peer:
    """bpftrace counting at the allocator, for comparison."""

    def __init__(self, pid, binary):
        program = f"uprobe:{binary}:runtime.mallocgc {{ @[ustack(20)] = count(); }}"
        self.process = subprocess.Popen(["bpftrace", "-p", str(pid), "-e", program], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.process.stdout.readline()  # "Attaching 1 probe..."
        time.sleep(2)

    def drain(self):
        pass

    def close(self):
        start = time.monotonic()
        self.process.kill()  # a normal end prints every stack, for half a minute
        self.process.wait()
        return time.monotonic() - start


def median_interval(values):
    """The median and a bootstrap 95 % interval of it."""
    generator = random.Random(1)
    medians = sorted(statistics.median(generator.choices(values, k=len(values))) for _ in range(2000))
    return statistics.median(values), medians[49], medians[1949]


def paired(target, start_observer, rounds, seconds):
    """Ratios observed/unobserved, one per round; the order of the two alternates."""
    ratios, lines, ends, observed_rates = [], [], [], []
    for number in range(rounds):
        plain, seen = [], []
        for observe in ((False, True) if number % 2 else (True, False)):
            if not observe:
                plain.append(target.window(seconds))
                continue
            observer = start_observer()
            seen.append(target.window(seconds))
            observer.drain()
            lines += getattr(observer, "lines", [])[1:]
            ends.append(observer.close())
        ratios.append(seen[0][0] / plain[0][0])
        observed_rates.append(plain[0])
    return ratios, lines, ends, observed_rates


def say_ratio(name, ratios):
    middle, low, high = median_interval(ratios)
    print(f"  {name:<52} {middle * 100:6.1f} % [{low * 100:.1f}-{high * 100:.1f}]", flush=True)


def figure(lines, *path):
    values = []
    for line in lines:
        for key in path:
            line = line[key]
        if line is not None:
            values.append(line)
    return statistics.median(values) if values else float("nan")


def throughput(binary, mode, title, arguments):
    print(f"{title}: throughput kept, per CPU second of the target")
    target = Churn(binary, mode)
    target.window(1)
    for name, options in (("default (--mode auto --budget 1%)", ()),
                          ("bucket list only (--budget 0)", ("--budget", "0")),
                          ("births and deaths, whatever it costs (--budget 100%)", ("--budget", "100%"))):
        ratios, lines, ends, plain = paired(target, lambda o=options: Heaptap(target.pid, *o), arguments.rounds,
                                            arguments.seconds)
        say_ratio(name, ratios)
        print(f"    the budget: {lines[-1]['governor']['now']}, {figure(lines, 'governor', 'spent_percent'):.3f} of "
              f"{lines[-1]['governor']['budget_percent']:g} % of a CPU spent", flush=True)
        if not figure(lines, "cost", "hits_per_s"):
            print(f"    no hits; heaptap itself {figure(lines, 'cost', 'self_cpu_percent'):.2f} % CPU, "
                  f"{figure(lines, 'cost', 'self_rss_bytes') / 2**20:.1f} MiB", flush=True)
            continue
        print(f"    {figure(lines, 'cost', 'hits_per_s'):,.0f} hits/s x {figure(lines, 'cost', 'trap_ns'):.0f} ns = "
              f"{figure(lines, 'cost', 'target_cpu_percent'):.2f} % of a CPU; heaptap itself "
              f"{figure(lines, 'cost', 'self_cpu_percent'):.2f} % CPU, "
              f"{figure(lines, 'cost', 'self_rss_bytes') / 2**20:.1f} MiB; end within "
              f"{statistics.median(ends) * 1000:.0f} ms (detaching included)", flush=True)
    rate = statistics.median(p[1] for p in plain)
    print(f"    unobserved: {rate / 1e6:.1f} M allocations/s, {statistics.median(p[2] for p in plain) / 1e9:.2f} GB/s")
    if mode == "small":
        compare_off(binary, arguments)
        compare_every(binary, target, arguments)
    target.close()


def compare_off(binary, arguments):
    target = Churn(binary, "small", rate=0)
    target.window(1)
    ratios, lines, _, _ = paired(target, lambda: Heaptap(target.pid), arguments.rounds, arguments.seconds)
    say_ratio("sampler off in the target: exact windows", ratios)
    print(f"    {figure(lines, 'cost', 'hits_per_s'):,.0f} hits/s")
    target.close()


def milliseconds(values):
    return f"{statistics.median(values):.2f} ms (at most {max(values):.2f})"


def slowdown(binary, limit, arguments):
    """What exact windows do to a target that measures it itself, in CPU time: the longest of each window of time."""
    target = Churn(binary, "slowdown")
    target.window(1)
    felt, said, above, windows = {False: [], True: []}, [], 0, 0
    for number in range(2 * arguments.rounds):
        observe = number % 2 == 1
        observer = Heaptap(target.pid, "--mode", "burst", "--max-stall", limit) if observe else None
        target.ask()
        time.sleep(2)
        felt[observe].append(target.ask()[0]["slow_cpu_ns"] / 1e6)
        if observe:
            observer.close()
            stalls = [line["cost"]["longest_stall_ns"] for line in observer.lines[1:]]
            stalls = [stall / 1e6 for stall in stalls if stall is not None]
            windows += len(stalls)
            above += sum(stall > float(limit.removesuffix("ms")) for stall in stalls)
            if stalls:
                said.append(max(stalls))
    target.close()
    print(f"--max-stall {limit}: longest slow-down that the target felt in 2 s, alone {milliseconds(felt[False])}, watched "
          f"{milliseconds(felt[True])}", flush=True)
    if said:
        print(f"  heaptap said {milliseconds(said)}; above the limit in {above} of {windows} intervals", flush=True)
    else:
        print("  heaptap found no room for a window", flush=True)


def hit_ns(ratios, plain):
    """CPU time of the target per allocation, beyond what it takes by itself."""
    return statistics.median(1e9 / per_second / ratio - 1e9 / per_second
                             for ratio, (per_second, _, _) in zip(ratios, plain))


def compare_every(binary, target, arguments):
    """Every allocation seen, by heaptap and by a peer, in the same run."""
    rows = [("every one, by type (--mode exact --force)", lambda: Heaptap(target.pid, *EXACT)),
            ("every one, with whole stacks (--stacks)", lambda: Heaptap(target.pid, *EXACT, "--stacks"))]
    if shutil.which("bpftrace"):
        rows.append(("bpftrace, mallocgc by user stack, same target", lambda: Peer(target.pid, binary)))
    else:
        print("  bpftrace is not installed: no comparison")
    costs = []
    for name, start in rows:
        ratios, _, _, plain = paired(target, start, min(arguments.rounds, 5), arguments.seconds)
        say_ratio(name, ratios)
        costs.append(hit_ns(ratios, plain))
    print("    a hit costs " + ", ".join(f"{cost:.0f} ns" for cost in costs) +
          "; of the last: " + ", ".join(f"{cost / costs[-1]:.2f}" for cost in costs), flush=True)


def hit_cost():
    print(subprocess.run(["build/hit-cost"], stdout=subprocess.PIPE, text=True).stdout.strip(), flush=True)


def poll_cost(binary):
    """What a poll of the runtime's counters costs heaptap: the target stopped, and allocating all the time."""
    churn = Churn(binary, "small")
    for load, how in (("allocating", signal.SIGCONT), ("stopped", signal.SIGSTOP)):
        os.kill(churn.pid, how)
        answer = subprocess.run(["build/poll-cost", str(churn.pid)], stdout=subprocess.PIPE, text=True, check=True)
        print(f"a poll, target {load}: {answer.stdout.strip()}", flush=True)
    os.kill(churn.pid, signal.SIGCONT)
    churn.close()


def recorder(binary):
    """What recording takes of heaptap itself, over ten intervals of a second on the churning target."""
    path = "build/bench-churn.heaptap"
    churn = Churn(binary, "mixed")
    process = subprocess.Popen([HEAPTAP, "record", "-p", str(churn.pid), "--for", "12s", "--force", "-o", path],
                               stderr=subprocess.DEVNULL)
    time.sleep(2)  # attaching and naming is over
    before = cpu_seconds(process.pid)
    time.sleep(8)
    used = cpu_seconds(process.pid) - before
    _, _, usage = os.wait4(process.pid, 0)
    churn.close()
    print(f"record on the churning target at 1 s: {used / 8 * 100:.2f} % of a CPU, {usage.ru_maxrss / 1024:.1f} MiB at the "
          "peak", flush=True)
    os.unlink(path)


def recording():
    """A made-up hour of a large server: its size, and how long it takes to convert."""
    path, trace = "build/bench-recording", "build/bench-trace.json"
    print(subprocess.run(["build/recording-size", path], stdout=subprocess.PIPE, text=True).stdout.strip(), flush=True)
    start = time.monotonic()
    subprocess.run([HEAPTAP, "timeline", path, "-o", trace], check=True)
    seconds = time.monotonic() - start
    with open(trace) as file:
        events = len(json.load(file)["traceEvents"])
    print(f"  as a trace: {os.path.getsize(trace) / 1e6:.1f} MB, {events} events in {seconds:.1f} s", flush=True)
    for name in (path, trace):
        os.unlink(name)


def first_table(arguments):
    """From exec to the first line of a table, on Debian's stripped prometheus."""
    server = shutil.which("prometheus")
    if not server:
        print("prometheus is not installed: no time to the first table")
        return
    folder = "build/bench-prometheus"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/prometheus.yml", "w") as file:
        file.write("global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: self\n"
                   "    static_configs:\n      - targets: ['127.0.0.1:19090']\n")
    process = subprocess.Popen([server, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                                "--web.listen-address=127.0.0.1:19090"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(5)
    times, sizes = [], []
    for _ in range(arguments.rounds):
        start = time.monotonic()
        observer = subprocess.Popen([HEAPTAP, "top", "-p", str(process.pid), "--once", "--interval", "0"],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        observer.stdout.read(1)
        times.append(time.monotonic() - start)
        observer.stdout.read()
        _, _, usage = os.wait4(observer.pid, 0)
        sizes.append(usage.ru_maxrss / 1024)
    process.terminate()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
    print(f"from exec to the first table on prometheus ({os.path.getsize(server) / 1e6:.0f} MB, stripped): median "
          f"{statistics.median(times) * 1000:.0f} ms [{min(times) * 1000:.0f}-{max(times) * 1000:.0f}], peak RSS "
          f"{statistics.median(sizes):.1f} MiB")


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    hypervisor = "hypervisor" in open("/proc/cpuinfo").read()
    return (f"{datetime.date.today()}, {model}{' (virtual machine)' if hypervisor else ''}, {os.cpu_count()} CPUs, "
            f"kernel {platform.release().split('-')[0]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.7, help="length of a window")
    parser.add_argument("--go", default=None, help="folder of build/targets to take the target from, such as go1.23")
    arguments = parser.parse_args()
    folders = sorted(glob.glob("build/targets/go*")) if not arguments.go else [f"build/targets/{arguments.go}"]
    if not folders:
        sys.exit("bench.py: no targets: run tests/bench/run.sh")
    binary = os.path.abspath(f"{folders[-1]}/churn-plain")
    print(f"{machine()}; target built with {os.path.basename(folders[-1])}")
    hit_cost()
    poll_cost(binary)
    throughput(binary, "small", "64-byte objects", arguments)
    throughput(binary, "mixed", "mixed sizes", arguments)
    for limit in ("5ms", "1.5ms"):
        slowdown(binary, limit, arguments)
    first_table(arguments)
    recorder(binary)
    recording()


if __name__ == "__main__":
    main()
