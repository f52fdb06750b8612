"""Every Go version x every way to build: what `top` and `flame` say is true of each."""
import every
import expect
import harness
from harness import check, heaptap, test, toolchains

VARIANTS = ["plain", "stripped", "pie", "pie-stripped", "noprof", "noprof-stripped", "cgo"]


def leak_is_named(demo):
    """Once the demo has come to leak; before its runtime is up it cannot be observed."""
    run = heaptap("top", "--once", "--json", "--interval", "0.3", "--by", "site", "--value", "inuse_space", "-p", demo.pid)
    check(demo.poll() is None, "the demo ended")
    return run.status == 0 and any("GenericCache" in f for row in run.json()["rows"][:5] for f in row["stack"])


for folder in toolchains():
    for variant in VARIANTS:
        path = folder / f"announce-{variant}"

        @test(f"top names the true sites, types and totals: {folder.name} {variant}")
        def _(path=path):
            expect.top_is_true(path)

        if not variant.startswith("noprof"):
            @test(f"the profile is the program's own, sample for sample: {folder.name} {variant}")
            def _(path=path):
                harness.say(f"{expect.profile_is_the_programs_own(path)} samples")

    @test(f"objects and bytes in use are exact when all is sampled: {folder.name}")
    def _(folder=folder):
        expect.counts_every_object(folder / "announce-stripped")

    @test(f"every allocation is counted once, by type: {folder.name}")
    def _(folder=folder):
        every.counts_every_kind(folder / "announce-stripped")

    @test(f"every allocation is counted once, with whole stacks: {folder.name}")
    def _(folder=folder):
        every.counts_every_kind(folder / "announce-pie", "--stacks")

    @test(f"the demo's leak is named: {folder.name}")
    def _(folder=folder):
        demo = harness.start(folder / "demo-stripped")
        harness.wait_until(lambda: leak_is_named(demo), "GenericCache in the stacks of the five heaviest sites")

SIZED = harness.TARGETS / "go1.26" / "announce-sized"
if SIZED.parent in toolchains():
    @test("every allocation is counted once by an allocator of 66 functions: go1.26 with its experiment")
    def _():
        every.counts_every_kind(SIZED)

if toolchains():
    @test("of ten million allocations not one is lost", seconds=600)
    def _():
        every.counts_many(toolchains()[-1] / "announce-plain", 10_000_000)

harness.main()
