/*
 * Real Go processes: what the probes see against what the program says of itself. Targets come from
 * tests/targets/build.sh, in build/targets or where HEAPTAP_TARGETS says.
 */
#include "harness/test.h"

#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe/features.h"
#include "probe/probe.h"
#include "probe/trap_cost.h"
#include "target/target.h"

struct go {
	pid_t pid;
	FILE *commands, *answers;
	char *answer; /* the last line */
	size_t capacity;
	struct target *target;
};

DEFINE_CLEANUP(sampler_cleanup, struct sampler, sampler_close)
DEFINE_CLEANUP(window_cleanup, struct window, window_close)

static void go_end(struct go *go)
{
	target_free(go->target);
	kill(go->pid, SIGKILL);
	waitpid(go->pid, NULL, 0);
	fclose(go->commands);
	fclose(go->answers);
	free(go->answer);
}

static const char *go_ask(struct go *go, const char *command)
{
	fprintf(go->commands, "%s\n", command);
	fflush(go->commands);
	CHECK(getline(&go->answer, &go->capacity, go->answers) > 0);
	return go->answer;
}

static struct go go_start(const char *path)
{
	int commands[2], answers[2];
	struct go go = { 0 };

	CHECK(pipe(commands) == 0 && pipe(answers) == 0);
	go.pid = fork();
	CHECK(go.pid >= 0);
	if (go.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(commands[0], 0);
		dup2(answers[1], 1);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execl(path, path, (char *)NULL);
		_exit(127);
	}
	close(commands[0]);
	close(answers[1]);
	go.commands = fdopen(commands[1], "w");
	go.answers = fdopen(answers[0], "r");
	CHECK(getline(&go.answer, &go.capacity, go.answers) > 0);
	CHECK_INT(target_open(go.pid, &go.target), 0);
	return go;
}

/* The sum of a member over everything in the answer. */
static uint64_t sum_of(const char *answer, const char *member)
{
	uint64_t sum = 0;

	for (const char *at = strstr(answer, member); at; at = strstr(at + 1, member))
		sum += strtoull(at + strlen(member), NULL, 10);
	return sum;
}

struct samples {
	uint64_t births, deaths;
};

static struct samples seen_by_probes(struct sampler *sampler)
{
	const struct bucket_activity *activity;
	struct probe_statistics statistics;
	struct samples seen = { 0 };
	size_t count;

	CHECK_INT(sampler_read(sampler, &activity, &count, &statistics), 0);
	for (size_t i = 0; i < count; i++) {
		seen.births += activity[i].births;
		seen.deaths += activity[i].deaths;
		CHECK(activity[i].deaths_aged <= activity[i].births);
	}
	CHECK_INT(statistics.foreign, 0);
	for (int i = 0; i < LOSS_COUNT; i++)
		CHECK_INT(statistics.losses[i], 0);
	return seen;
}

#define ATTEMPTS 20

/*
 * Both accounts at one moment. The runtime publishes a sample two collections later, and samples
 * now and then on its own behalf: so a moment is one around which four collections and the answer
 * itself saw nothing born and nothing die.
 */
static void settle(struct go *go, struct sampler *sampler, struct samples *seen,
		   struct samples *truth)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		struct samples before = seen_by_probes(sampler);

		go_ask(go, "gc");
		go_ask(go, "gc");
		go_ask(go, "records");
		truth->births = sum_of(go->answer, "\"alloc_objects\": ");
		truth->deaths = truth->births - sum_of(go->answer, "\"inuse_objects\": ");
		*seen = seen_by_probes(sampler);
		if (seen->births == before.births && seen->deaths == before.deaths)
			return;
	}
	CHECK(!"the program settled");
}

static void check_sampler(const char *path, enum attach_way way)
{
	struct go go __attribute__((cleanup(go_end))) = go_start(path);
	struct sampler *sampler CLEANUP(sampler_cleanup) = NULL;
	struct sampler_options options = { 4096, 65536 };
	struct samples seen_before, truth_before, seen, truth;
	struct probe_plan plan;

	attach_way_force(way);
	CHECK_INT(target_plan_sampler(go.target, &plan), 0);
	CHECK_INT(sampler_open(go.pid, &plan, &options, &sampler), 0);
	settle(&go, sampler, &seen_before, &truth_before);
	go_ask(&go, "alloc page1k 400000 1000");
	go_ask(&go, "alloc large100k 2000 10");
	go_ask(&go, "alloc node 1000000 0");
	settle(&go, sampler, &seen, &truth);
	CHECK(truth.births - truth_before.births > 1000);
	CHECK_INT(seen.births - seen_before.births, truth.births - truth_before.births);
	CHECK_INT(seen.deaths - seen_before.deaths, truth.deaths - truth_before.deaths);
	go_ask(&go, "check");
	CHECK(strstr(go.answer, "\"ok\": true"));
}

struct running {
	struct window *window;
	const struct window_site *sites;
	size_t count;
	uint64_t open_ns;
	struct probe_statistics statistics;
	int status;
};

static void *run_window(void *argument)
{
	struct running *running = argument;

	running->status = window_run(running->window, UINT64_MAX, 60000000000ULL, &running->sites,
				     &running->count, &running->open_ns, &running->statistics);
	return NULL;
}

static void on_signal(int number)
{
	(void)number;
}

/* Every point's text in the process is a breakpoint. */
static void until_probed(pid_t pid, const struct probe_plan *plan)
{
	char path[64];
	int memory AUTO_CLOSE = -1;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(memory >= 0);
	for (size_t i = 0; i < plan->count;) {
		uint8_t byte;

		CHECK(pread(memory, &byte, 1, (off_t)plan->points[i].address) == 1);
		if (byte == 0xcc)
			i++;
		else
			sched_yield();
	}
}

static void check_window(const char *path)
{
	struct go go __attribute__((cleanup(go_end))) = go_start(path);
	struct window *window CLEANUP(window_cleanup) = NULL;
	struct sigaction action = { .sa_handler = on_signal };
	const struct window_site *most = NULL;
	const struct stack *stack;
	struct running running = { 0 };
	struct probe_plan plan;
	pthread_t thread;

	attach_way_force(ATTACH_MULTI);
	sigaction(SIGUSR1, &action, NULL);
	CHECK_INT(target_plan_allocations(go.target, &plan), 0);
	CHECK_INT(window_open(go.pid, &plan, &window), 0);
	running.window = window;
	pthread_create(&thread, NULL, run_window, &running);
	until_probed(go.pid, &plan);
	go_ask(&go, "alloc node 30000 0");
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	CHECK_INT(running.status, 0);
	for (size_t i = 0; i < running.count; i++)
		if (!most || running.sites[i].hits > most->hits)
			most = &running.sites[i];
	CHECK(most);
	CHECK_INT(most->hits, 30000);
	CHECK_INT(most->size_bytes, 48);
	CHECK_STRING(target_type_name(go.target, most->type, 48, most->pcs, most->pc_count),
		     "main.node");
	stack = target_stack(go.target, most->pcs, most->pc_count);
	CHECK(stack && stack->count > 3);
	CHECK_STRING(stack->frames[stack->count - 1].function, "runtime.main");
	for (int i = 0; i < LOSS_COUNT; i++)
		CHECK_INT(running.statistics.losses[i], 0);
}

/* Each Go version's program, built with symbols; skips without any. */
static void on_each(const char *name, void (*check)(const char *path))
{
	const char *folder = getenv("HEAPTAP_TARGETS");
	char pattern[4096];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/go*/%s",
		 folder && *folder ? folder : "build/targets", name);
	if (glob(pattern, 0, NULL, &found) != 0)
		test_skip("no Go programs at %s (tests/targets/build.sh)", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		printf("# %s\n", found.gl_pathv[i]);
		check(found.gl_pathv[i]);
	}
	globfree(&found);
}

static void check_sampler_multi(const char *path)
{
	check_sampler(path, ATTACH_MULTI);
}

static void check_sampler_perf(const char *path)
{
	check_sampler(path, ATTACH_PERF);
}

TEST("a Go program's own profile has exactly the births and deaths that one link saw")
{
	if (!feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	on_each("announce-plain", check_sampler_multi);
}

TEST("a Go program's own profile has exactly the births and deaths that perf events saw")
{
	on_each("announce-stripped", check_sampler_perf);
}

TEST("a window on a Go program counts what it says to have allocated, with type and stack")
{
	if (!feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	on_each("announce-pie", check_window);
}
