/* What is asked of the kernel before a target is touched, and how its maps are read. */
#include "harness/test.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "child.h"
#include "probe/batch.h"
#include "probe/features.h"
#include "probe/probe.h"
#include "probe/trap_cost.h"

static char said[1024];

static void listen(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	snprintf(said, sizeof(said), "%s", text);
}

TEST("root may probe on this machine")
{
	CHECK_INT(probe_check(), 0);
}

/* Runs probe_check as nobody; gives its status, 99 when its message lacks `word`. */
static int check_as_nobody(const char *word)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int err;

		diag_set_sink(listen, NULL);
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(98);
		err = probe_check();
		_exit(strstr(said, word) ? -err : 99);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

TEST("without privileges the missing capability is named")
{
	CHECK_INT(check_as_nobody("CAP_BPF"), 1);
}

TEST("a trap costs something between 50 ns and 100 us, by both ways")
{
	double multi_ns, perf_ns;

	attach_way_force(ATTACH_PERF);
	CHECK_INT(probe_measure_trap(&perf_ns), 0);
	CHECK(perf_ns > 50 && perf_ns < 100000);
	if (!feature_uprobe_multi())
		test_skip("this kernel has no uprobe_multi");
	attach_way_force(ATTACH_MULTI);
	CHECK_INT(probe_measure_trap(&multi_ns), 0);
	CHECK(multi_ns > 50 && multi_ns < 100000);
}

static void spin(struct child_shared *shared)
{
	while (!shared->stop)
		;
}

/* The CPU's clock may change between the two: the best of some attempts. */
static double ratio_to(double alone_ns)
{
	double best = INFINITY;

	for (int attempt = 0; attempt < 10 && best > 2; attempt++) {
		double crowded_ns;

		CHECK_INT(trap_cost_of_hit(true, &crowded_ns), 0);
		best = fmin(best, crowded_ns / alone_ns);
	}
	return best;
}

TEST("a trap is not dearer because others want the same CPU")
{
	cpu_set_t before, one;
	double alone_ns, ratio;

	CHECK_INT(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	CHECK_INT(sched_setaffinity(0, sizeof(one), &one), 0);
	CHECK_INT(trap_cost_of_hit(true, &alone_ns), 0);
	{
		CHILD(first, spin);
		CHILD(second, spin);
		CHILD(third, spin);
		CHILD(fourth, spin);

		child_begin(&first);
		child_begin(&second);
		child_begin(&third);
		child_begin(&fourth);
		ratio = ratio_to(alone_ns);
	}
	CHECK_INT(sched_setaffinity(0, sizeof(before), &before), 0);
	CHECK(ratio < 3); /* five share the CPU */
}

#define ENTRIES 5000

static int squares(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "squares", 8, 8, ENTRIES, NULL);

	CHECK(fd >= 0);
	for (uint64_t i = 0; i < ENTRIES; i++) {
		uint64_t square = i * i;

		CHECK_INT(bpf_map_update_elem(fd, &i, &square, BPF_ANY), 0);
	}
	return fd;
}

static void check_squares(int (*read_map)(struct batch *, int, bool))
{
	struct batch batch
		__attribute__((cleanup(batch_clear))) = { .key_bytes = 8, .value_bytes = 8 };
	int fd AUTO_CLOSE = squares();
	bool seen[ENTRIES] = { false };

	for (int take = 0; take < 2; take++) {
		CHECK_INT(read_map(&batch, fd, take), 0);
		CHECK_INT(batch.count, ENTRIES);
		for (size_t i = 0; i < ENTRIES; i++) {
			uint64_t key = ((uint64_t *)batch.keys)[i];

			CHECK(key < ENTRIES && seen[key] == take);
			seen[key] = !take;
			CHECK_INT(((uint64_t *)batch.values)[i], key * key);
		}
	}
	CHECK_INT(read_map(&batch, fd, false), 0);
	CHECK_INT(batch.count, 0);
}

TEST("a map is read whole, and emptied when asked to")
{
	check_squares(batch_read);
}

TEST("a map is read whole without batches, too")
{
	check_squares(batch_read_singly);
}

TEST("in a PID namespace of its own, where numbers differ, heaptap still knows its target")
{
	char command[300], self[200] = "";

	CHECK(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	snprintf(command, sizeof(command),
		 "unshare --pid --fork --mount-proc '%s' 'births and deaths are counted exactly' "
		 ">/dev/null",
		 self);
	CHECK_INT(system(command), 0);
}
