/* Limits: each both ways on made-up evidence, what is refused, and how they are written. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/diag.h"
#include "cmd/limit_options.h"
#include "unit/judge_fixture.h"

struct judgement {
	struct fixture fixture;
	struct limits limits;
	struct judged judged;
};

static void free_judgement(struct judgement *judgement)
{
	judged_clear(&judgement->judged);
	limits_clear(&judgement->limits);
	fixture_free(&judgement->fixture);
}
#define AUTO_JUDGEMENT __attribute__((cleanup(free_judgement)))

static void judge_text(const char *name, const char *text, fixture_bend bend, int snapshots,
		       bool whole_life, struct judgement *ret)
{
	struct limit_question question;

	*ret = (struct judgement){ 0 };
	fixture_judge(bend, snapshots, &ret->fixture);
	CHECK_INT(parse_limit(name, text, &ret->limits), 0);
	question = (struct limit_question){ ret->fixture.evidence, ret->limits.items, whole_life };
	CHECK_INT(limit_judge(&question, &ret->judged), 0);
}

static void check_answer(const char *name, const char *text, fixture_bend bend,
			 enum limit_answer answer)
{
	AUTO_JUDGEMENT struct judgement judgement;

	judge_text(name, text, bend, 40, false, &judgement);
	CHECK_STRING(limit_answer_name(judgement.judged.answer), limit_answer_name(answer));
	if (answer == LIMIT_REFUSED)
		CHECK(judgement.judged.why[0]);
	else
		CHECK(judgement.judged.number.value >= 0);
}

static void check_both(const char *name, const char *kept, const char *broken, fixture_bend bend)
{
	check_answer(name, kept, bend, LIMIT_KEPT);
	check_answer(name, broken, bend, LIMIT_BROKEN);
}

/* 1 MiB more each second; 1,000 objects and 64 KiB a second; a stop of 5 ms in the tenth. */
static struct gc_stop *make_stop(int i)
{
	struct gc_stop *stop = calloc(1, sizeof(*stop));

	CHECK(stop);
	stop->begin_unix_ns = 1000000000000LL + i * 1000000000LL;
	stop->duration_ns = 5000000;
	stop->reason = GC_STOP_MARK_TERMINATION;
	return stop;
}

static void busy(int i, struct snapshot *snapshot)
{
	snapshot->heap.inuse_bytes = (100 + i) << 20;
	snapshot->heap.mallocs = 5000 + 1000 * i;
	snapshot->heap.alloc_bytes = 65536 * (i + 7);
	snapshot->gc_cpu.gc_total_ns = 100000000LL * i;
	snapshot->gc_cpu.total_ns = 1000000000LL * i;
	snapshot->goroutines = i == 20 ? 500 : 10;
	snapshot->rss.total_bytes = (i == 20 ? 300 : 160) << 20;
	snapshot->memstats.mallocs = snapshot->heap.mallocs;
	if (i != 10)
		return;
	snapshot->gc_events.stops = make_stop(i);
	snapshot->gc_events.stop_count = 1;
}

TEST("limits on the whole process are exact and judged both ways")
{
	check_both("max-heap-growth", "30MiB", "29.9MiB", busy); /* (100+31) - (100+1) */
	check_both("max-mallocs", "39k", "38999", busy);
	check_both("max-alloc-rate", "64KiB", "65535", busy);
	check_both("max-pause", "5ms", "4999us", busy);
	check_both("max-rss", "300MiB", "299MiB", busy);
	check_both("max-heap", "139MiB", "138MiB", busy);
	check_both("max-live", "139MiB", "138MiB", busy);
	check_both("max-gc-cpu", "10%", "9.9%", busy);
	check_both("max-goroutines", "500", "499", busy);
}

TEST("the share of metadata is judged by its interval: kept, undecided, broken")
{
	check_both("max-metadata-share", "20%", "7%", NULL);
	check_answer("max-metadata-share", "9%", NULL, LIMIT_UNDECIDED);
}

TEST("limits on sites and types are judged by their interval, by function or by type")
{
	/* 39,000 objects of 256 B each of the three sites: samples as many */
	check_both("max-mallocs", "main.fill=40k", "main.fill=38k", NULL);
	check_both("max-mallocs", "main.T=120k", "main.T=115k", NULL);
	check_answer("max-mallocs", "main.fill=38900", NULL, LIMIT_UNDECIDED);
	check_both("max-alloc-rate", "main.*=1MiB", "main.*=700KiB", NULL);
	check_both("max-live", "main.wor?=300KiB", "main.wor?=200KiB", NULL);
}

TEST("the sites with the most are named as places, and only those that match")
{
	AUTO_JUDGEMENT struct judgement judgement;

	judge_text("max-mallocs", "main.append=1", NULL, 20, false, &judgement);
	CHECK_INT(judgement.judged.place_count, 1);
	CHECK_STRING(judgement.judged.places[0].name, "main.append");
	CHECK_STRING(judgement.judged.places[0].file, "main.go");
	CHECK_INT(judgement.judged.places[0].line, 20);
}

TEST("of a whole life counts are those since the process started")
{
	AUTO_JUDGEMENT struct judgement judgement;

	judge_text("max-mallocs", "100k", busy, 11, true, &judgement);
	CHECK_INT((long long)judgement.judged.number.value, 15000);
}

/* Two samples stand for all. */
static void scarce(int i, struct snapshot *snapshot)
{
	(void)i;
	for (size_t site = 0; site < snapshot->record_count; site++)
		snapshot->records[site].begun =
			(struct amount){ 2, 2000, 2000 * 256, 2e6, 2e6 * 65536 };
}

TEST("with too few samples a limit that they cannot keep is refused with how many are needed")
{
	AUTO_JUDGEMENT struct judgement judgement;

	judge_text("max-mallocs", "main.fill=3000", scarce, 20, false, &judgement);
	CHECK_INT(judgement.judged.answer, LIMIT_REFUSED);
	CHECK(strstr(judgement.judged.why, "2 samples") && strstr(judgement.judged.why, "6 are"));
	check_answer("max-mallocs", "main.fill=1M", scarce, LIMIT_KEPT);
	check_answer("max-mallocs", "main.fill=100", scarce, LIMIT_BROKEN);
}

TEST("what nothing matches is kept only where that much could not have been missed, and is said")
{
	AUTO_JUDGEMENT struct judgement judgement;

	judge_text("max-mallocs", "nobody=10k", scarce, 20, false, &judgement);
	CHECK_INT(judgement.judged.answer, LIMIT_KEPT);
	CHECK(strstr(judgement.judged.why, "matches 'nobody'"));
	check_answer("max-mallocs", "nobody=3k", scarce, LIMIT_REFUSED);
}

static void torn(int i, struct snapshot *snapshot)
{
	busy(i, snapshot);
	snapshot->losses[LOSS_COUNTERS_TORN] = 1;
	snapshot->losses[LOSS_BUCKET_INVALID] = 1;
	snapshot->losses[LOSS_GC_RING_FULL] = 1;
}

TEST("losses refuse the limits that they spoil, by name, and no others")
{
	AUTO_JUDGEMENT struct judgement judgement;

	judge_text("max-mallocs", "1", torn, 20, false, &judgement);
	CHECK_INT(judgement.judged.answer, LIMIT_REFUSED);
	CHECK(strstr(judgement.judged.why, "counters_torn"));
	check_answer("max-pause", "1s", torn, LIMIT_REFUSED);
	check_answer("max-mallocs", "main.fill=1", torn, LIMIT_REFUSED);
	check_answer("max-metadata-share", "50%", torn, LIMIT_REFUSED);
	check_both("max-rss", "300MiB", "299MiB", torn);
	check_both("max-goroutines", "500", "499", torn);
}

static void counters_only(int i, struct snapshot *snapshot)
{
	busy(i, snapshot);
	snapshot->mode = MODE_COUNTERS;
	snapshot->has_live = false;
	snapshot->gc_events.probed = false;
	snapshot->goroutines = UNKNOWN;
}

TEST("what is not known is refused, never taken for 0")
{
	check_answer("max-mallocs", "main.*=1G", counters_only, LIMIT_REFUSED);
	check_answer("max-live", "main.*=1GiB", counters_only, LIMIT_REFUSED);
	check_answer("max-pause", "1h", counters_only, LIMIT_REFUSED);
	check_answer("max-goroutines", "1G", counters_only, LIMIT_REFUSED);
	check_both("max-mallocs", "39k", "38999", counters_only);
}

static void with_totals(int i, struct snapshot *snapshot)
{
	busy(i, snapshot);
	for (size_t site = 0; site < snapshot->record_count; site++)
		snapshot->records[site].total = fixture_amount(5000 + 1000.0 * i, 256);
}

static void without_totals(int i, struct snapshot *snapshot)
{
	busy(i, snapshot);
	snapshot->has_total = false;
}

static void changing(int i, struct snapshot *snapshot)
{
	busy(i, snapshot);
	snapshot->mode = i < 10 ? MODE_SAMPLER : i < 20 ? MODE_LIST : MODE_WINDOWS;
}

TEST("rows that begin anew with another collector are refused, what is in use is not")
{
	check_answer("max-mallocs", "main.fill=1G", changing, LIMIT_REFUSED);
	check_answer("max-alloc-rate", "main.fill=1GiB", changing, LIMIT_REFUSED);
	check_both("max-live", "main.fill=300KiB", "main.fill=200KiB", changing);
	check_both("max-mallocs", "39k", "38999", changing);
}

TEST("of a whole life rows have what was allocated before the first look, or it is told")
{
	AUTO_JUDGEMENT struct judgement judgement;
	AUTO_JUDGEMENT struct judgement begun;

	judge_text("max-mallocs", "main.fill=1G", with_totals, 11, true, &judgement);
	CHECK_INT((long long)judgement.judged.number.value, 15000);
	CHECK_STRING(judgement.judged.why, "");
	judge_text("max-mallocs", "main.fill=1G", without_totals, 11, true, &begun);
	CHECK_INT((long long)begun.judged.number.value, 10000);
	CHECK(strstr(begun.judged.why, "5000 objects"));
}

static void probed_later(int i, struct snapshot *snapshot)
{
	busy(i, snapshot);
	snapshot->gc_events.probed = i > 1;
	snapshot->memstats.pause_count = 1;
	snapshot->memstats.pause_ns[0] = 7000000;
	snapshot->memstats.pause_end_unix_ns[0] = 1000000000000LL + 500000000;
}

TEST("the first intervals may be without probes where the runtime's own pauses are short enough")
{
	check_answer("max-pause", "8ms", probed_later, LIMIT_KEPT);
	check_answer("max-pause", "6ms", probed_later, LIMIT_REFUSED);
}

TEST("too few intervals are refused with how many are needed")
{
	AUTO_JUDGEMENT struct judgement judgement;

	judge_text("max-heap-growth", "1GiB", busy, 8, false, &judgement);
	CHECK_INT(judgement.judged.answer, LIMIT_REFUSED);
	CHECK(strstr(judgement.judged.why, "7 intervals") && strstr(judgement.judged.why, "8 are"));
}

/* A leak of 1 MiB each second; the observation begins at the top of a sawtooth of 64 MiB. */
static void leaking(int i, struct snapshot *snapshot)
{
	snapshot->gc.cycles = 10 + (i + 2) / 16;
	snapshot->heap.inuse_bytes = (100 + i + 4 * ((i + 2) % 16)) << 20;
}

static void one_collection(int i, struct snapshot *snapshot)
{
	leaking(i, snapshot);
	snapshot->gc.cycles = i < 5 ? 10 : 11;
}

TEST("growth is what collections leave, wherever in its cycle the heap was met, and two are needed")
{
	AUTO_JUDGEMENT struct judgement judgement, early, whole;

	check_both("max-heap-growth", "16MiB", "15.9MiB", leaking);
	judge_text("max-heap-growth", "1GiB", one_collection, 40, false, &judgement);
	CHECK_INT(judgement.judged.answer, LIMIT_REFUSED);
	CHECK(strstr(judgement.judged.why, "observed: 1, and 2 are"));
	judge_text("max-heap-growth", "200MiB", one_collection, 40, true, &whole);
	CHECK_INT(whole.judged.answer, LIMIT_KEPT);
	judge_text("max-heap-growth", "10KiB", one_collection, 40, true, &early);
	CHECK_INT(early.judged.answer, LIMIT_REFUSED);
}

static void check_refused(const char *name, const char *text, const char *part)
{
	AUTO_LIMITS struct limits limits = { 0 };
	char reason[512] = "";

	diag_capture(reason, sizeof(reason));
	CHECK_INT(parse_limit(name, text, &limits), -EINVAL);
	diag_release();
	CHECK_INT(limits.count, 0);
	if (!strstr(reason, part))
		CHECK_STRING(reason, part);
}

TEST("a limit that is no limit is refused with the nearest that is")
{
	check_refused("max-mallcs", "1", "did you mean 'max-mallocs'?");
	check_refused("something-else", "1", "there is no limit 'something-else'");
	check_refused("max-heap", "5KB", "did you mean 'KiB'?");
	check_refused("max-pause", "5msec", "did you mean");
	check_refused("max-heap", "five", "is not a size");
	check_refused("max-heap", "main.*=5MiB", "is not a size");
	check_refused("max-mallocs", "=5", "is not GLOB=");
	check_refused("max-mallocs", "main.*=", "is not a number");
	check_refused("max-rss", "-1", "is not a size");
}

TEST("a glob goes to the last equals sign, and may have any of Go's brackets")
{
	AUTO_LIMITS struct limits limits = { 0 };

	CHECK_INT(parse_limit("max-alloc-rate", "main.(*Cache[int])*=1MiB", &limits), 0);
	CHECK_STRING(limits.items[0].glob, "main.(*Cache[int])*");
	CHECK_INT((long long)limits.items[0].most, 1 << 20);
}

#define REASON_BYTES 512

static void keep_text(void *reason, enum diag_level level, const char *text)
{
	(void)level;
	snprintf(reason, REASON_BYTES, "%s", text);
}

static int parse_file(const char *text, struct limits *limits, char *reason)
{
	char path[] = "/tmp/heaptap-limits-XXXXXX";
	int fd = mkstemp(path), error;

	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	diag_set_sink(keep_text, reason);
	error = parse_limits_file("limits", path, limits);
	diag_set_sink(NULL, NULL);
	unlink(path);
	return error;
}

TEST("a file has a limit on each line, with comments")
{
	AUTO_LIMITS struct limits limits = { 0 };
	char reason[REASON_BYTES] = "";

	CHECK_INT(parse_file("# all of it\n\nmax-heap-growth 10KiB\n"
			     "  max-alloc-rate\tmain.(*Cache*=1MiB   # of the cache\n"
			     "max-mallocs a#b=3",
			     &limits, reason),
		  0);
	CHECK_INT(limits.count, 3);
	CHECK_STRING(limits.items[0].kind->name, "max-heap-growth");
	CHECK_STRING(limits.items[1].glob, "main.(*Cache*");
	CHECK_STRING(limits.items[2].glob, "a#b");
}

TEST("what is wrong in a file is told with its line")
{
	static const char *const texts[][2] = {
		{ "max-heap 1MiB\nmax-hap 1MiB\n", ":2: there is no limit 'max-hap'; did you" },
		{ "\n\nmax-heap\n", ":3: 'max-heap' needs a value" },
		{ "max-heap 1MB\n", ":1: --max-heap: there is no unit 'MB'" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		AUTO_LIMITS struct limits limits = { 0 };
		char reason[REASON_BYTES] = "";

		CHECK_INT(parse_file(texts[i][0], &limits, reason), -EINVAL);
		if (!strstr(reason, texts[i][1]))
			CHECK_STRING(reason, texts[i][1]);
	}
}
