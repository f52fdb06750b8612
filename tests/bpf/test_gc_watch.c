/* The GC's probes in an observation: when they come, what they replace, and when they go. */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "cmd/observation.h"
#include "harness/announce.h"
#include "probe/features.h"
#include "probe/trap_cost.h"

DEFINE_CLEANUP(cleanup_observation, struct observation, observation_close)

static struct settings settings_of(const struct collector *collector, double budget_percent)
{
	struct settings settings;

	settings_init(&settings);
	settings.collector = collector;
	settings.budget_percent = budget_percent;
	settings.interval_s = 0.1;
	return settings;
}

static const struct snapshot *next(struct observation *observation)
{
	const struct snapshot *snapshot;

	CHECK_INT(observation_next(observation, &snapshot), 1);
	return snapshot;
}

static void ask_ok(struct program *program, const char *command)
{
	EXPECT(strstr(program_ask(program, command), "\"ok\": true"), "%s", command);
}

/* The first snapshot does not wait for the probes, the second has them for a part of its interval,
 * the third for all of it. */
static struct observation *observe(const struct program *program, const struct settings *settings)
{
	struct observation *observation;
	const struct snapshot *snapshot;

	attach_way_force(feature_uprobe_multi() ? ATTACH_MULTI : ATTACH_PERF);
	CHECK_INT(observation_open(program->pid, settings, &observation), 0);
	snapshot = next(observation);
	CHECK(!snapshot->gc_events.probed && snapshot->gc_events.note);
	snapshot = next(observation);
	CHECK(!snapshot->gc_events.probed && snapshot->gc_events.note);
	CHECK(snapshot->cost.probes >= 4);
	snapshot = next(observation);
	CHECK(snapshot->gc_events.probed && !snapshot->gc_events.note);
	CHECK_INT(snapshot->gc_events.cycle_count, 0);
	return observation;
}

static void expect_cycle(const struct gc_cycle *cycle, int64_t number, int64_t since_ns,
			 int64_t until_ns)
{
	CHECK_INT(cycle->number, number);
	CHECK(cycle->forced);
	CHECK(cycle->sweep_term_unix_ns >= since_ns && cycle->end_unix_ns <= until_ns);
	CHECK(cycle->sweep_term_unix_ns < cycle->mark_unix_ns &&
	      cycle->mark_unix_ns < cycle->mark_term_unix_ns &&
	      cycle->mark_term_unix_ns < cycle->end_unix_ns);
	CHECK(cycle->pause_ns > 0 && cycle->goal_bytes > 0 && cycle->heap_before_bytes > 0 &&
	      cycle->heap_after_bytes > 0 && cycle->heap_live_bytes > 0);
}

#define CLOCK_SLACK_NS 1000000000 /* NTP may slew the clock meanwhile */

static void check_cycles(const struct collector *collector)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	struct settings settings = settings_of(collector, 100);
	CLEANUP(cleanup_observation)
	struct observation *observation = observe(&program, &settings);
	int64_t number = observation_last(observation)->gc.cycles,
		since_ns = observation_last(observation)->time_unix_ns;
	const struct snapshot *snapshot;

	for (int round = 0; round < 3; round++) {
		ask_ok(&program, "gc"); /* two cycles */
		ask_ok(&program, "readstats 1");
		snapshot = next(observation);
		CHECK(snapshot->gc_events.probed);
		CHECK_INT(snapshot->gc_events.cycle_count, 2);
		CHECK_INT(snapshot->gc.cycles, number + 2);
		for (size_t i = 0; i < 2; i++)
			expect_cycle(&snapshot->gc_events.cycles[i], ++number,
				     since_ns - CLOCK_SLACK_NS,
				     snapshot->time_unix_ns + CLOCK_SLACK_NS);
		CHECK(snapshot->gc_events.stop_count >= 5);
		CHECK(snapshot->cost.hits_per_s > 0);
		CHECK_INT(snapshot->losses[LOSS_GC_RING_FULL], 0);
		since_ns = snapshot->time_unix_ns;
	}
	snapshot = next(observation);
	CHECK_INT(snapshot->gc_events.cycle_count + snapshot->gc_events.stop_count, 0);
}

static void check_with_counters(void)
{
	check_cycles(&collector_counters);
}

static void check_with_sampler(void)
{
	check_cycles(&collector_sampler);
}

static void check_with_burst(void)
{
	check_cycles(&collector_burst);
}

TEST("each cycle of a program is in one snapshot, whatever the rows are")
{
	announce_each("plain", check_with_counters);
	announce_each("plain", check_with_sampler);
	announce_each("plain", check_with_burst);
}

#define TYPE_PROBES 2 /* which see nothing here, and stay */

/* So small a budget that any stop exceeds it. */
static void check_too_dear(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	struct settings settings = settings_of(&collector_counters, 1e-6);
	CLEANUP(cleanup_observation)
	struct observation *observation = observe(&program, &settings);
	const struct snapshot *snapshot = observation_last(observation);

	for (int i = 0; i < 100 && snapshot->cost.probes > TYPE_PROBES; i++) {
		ask_ok(&program, "readstats 20");
		snapshot = next(observation);
	}
	CHECK_INT(snapshot->cost.probes, TYPE_PROBES);
	CHECK(!snapshot->gc_events.probed);
	CHECK(strstr(snapshot->gc_events.note, "more than 25 % of the budget"));
	ask_ok(&program, "readstats 20");
	snapshot = next(observation);
	CHECK_NEAR(snapshot->cost.hits_per_s, 0, 0);
}

TEST("a program that stops the world too often loses the GC's probes, and the note says so")
{
	announce_each("plain", check_too_dear);
}

static void check_without_budget(void)
{
	char ready[256];
	AUTO_PROGRAM struct program program = announce_start(NULL, ready);
	struct settings settings = settings_of(&collector_counters, 0);
	CLEANUP(cleanup_observation) struct observation *observation = NULL;
	const struct snapshot *snapshot;

	CHECK_INT(observation_open(program.pid, &settings, &observation), 0);
	next(observation);
	snapshot = next(observation);
	CHECK_INT(snapshot->cost.probes, 0);
	CHECK(!snapshot->gc_events.probed);
	CHECK(strstr(snapshot->gc_events.note, "--budget 0"));
}

TEST("without a budget the GC is not probed")
{
	announce_each("stripped", check_without_budget);
}

#define NOBODY 65534

static int messages;

static void count_message(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
	messages++;
}

/* As a process of its own, for it gives up its rights: 0 when all is as it should be. */
static int observe_as_nobody(pid_t pid)
{
	struct settings settings = settings_of(&collector_counters, 1);
	struct observation *observation = NULL;
	const struct snapshot *snapshot = NULL;
	bool good;

	diag_set_sink(count_message, NULL);
	if (setuid(NOBODY) < 0 || observation_open(pid, &settings, &observation) < 0)
		return 2;
	for (int i = 0; i < 3; i++)
		if (observation_next(observation, &snapshot) != 1)
			return 3;
	good = !snapshot->gc_events.probed && strstr(snapshot->gc_events.note, "CAP_BPF") &&
	       snapshot->cost.probes == 0 && messages == 0;
	observation_close(observation);
	return good ? 0 : 4;
}

static void check_without_rights(void)
{
	const char *const arguments[] = { announce_path, NULL };
	AUTO_PROGRAM struct program program =
		program_start(arguments, (struct program_options){ .uid = NOBODY });
	int status;
	pid_t pid;

	EXPECT(strstr(program_read(&program), "\"ready\""), "did not start");
	pid = fork();
	if (pid == 0)
		_exit(observe_as_nobody(program.pid));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(WEXITSTATUS(status), 0);
}

TEST("without the rights the GC is not probed, and only the note says so")
{
	announce_each("stripped", check_without_rights);
}
