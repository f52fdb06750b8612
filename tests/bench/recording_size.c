/*
 * What an hour of recording a server takes: 5,000 sites, of which 100 change in each second, half
 * of the size classes change, a few collections. The server is made up, the hour is not waited for.
 * The recording stays in the file that is named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "harness/test.h"
#include "store/recording.h"
#include "unit/recording_fixture.h"

#define SITES	  5000
#define CHANGES	  100
#define INTERVALS 3600

void test_fail(const char *file, int line, const char *format, ...)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, format);
	abort();
}

static int64_t cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* CPU time of the writer alone, without making up. */
static int64_t record(struct recorder *recorder, int64_t id, struct made_process *process)
{
	int64_t used_ns = 0;

	for (int i = 0; i < INTERVALS; i++) {
		struct snapshot snapshot;
		int64_t began_ns;

		made_next(process, &snapshot);
		began_ns = cpu_ns();
		if (recorder_add(recorder, id, &snapshot) < 0)
			exit(1);
		used_ns += cpu_ns() - began_ns;
		snapshot_clear(&snapshot);
	}
	return used_ns;
}

static void replay(const char *path)
{
	struct recording *recording;
	struct snapshot snapshot;
	int64_t began_ns = cpu_ns(), read_ns;

	snapshot_init(&snapshot);
	if (recording_open(path, &recording) < 0)
		exit(1);
	while (recording_next(recording, &snapshot) == 1)
		;
	read_ns = cpu_ns() - began_ns;
	began_ns = cpu_ns();
	if (recording_step(recording, -2) < 0)
		exit(1);
	printf("  read whole in %.2f s of CPU, one step back at its end in %.2f s\n",
	       (double)read_ns * 1e-9, (double)(cpu_ns() - began_ns) * 1e-9);
	recording_close(recording);
	snapshot_clear(&snapshot);
}

static void measure(enum mode mode, const char *path)
{
	struct recorded_process info = { .pid = 1, .comm = "made up" };
	struct made_process process;
	struct recorder *recorder;
	struct rusage usage;
	struct stat file;
	int64_t id, used_ns;

	if (recorder_open(path, true, &recorder) < 0 ||
	    recorder_add_process(recorder, &info, &id) < 0)
		exit(1);
	made_begin(&process, 1, mode, SITES, CHANGES);
	used_ns = record(recorder, id, &process);
	made_end(&process);
	if (recorder_close(recorder) < 0 || stat(path, &file) < 0)
		exit(1);
	getrusage(RUSAGE_SELF, &usage);
	printf("an hour at 1 s of %d sites, %d changes a second, mode %s: %.1f MB, %.2f ms of "
	       "CPU per interval, peak RSS %.1f MiB with what is made up\n",
	       SITES, CHANGES, mode_name(mode), (double)file.st_size * 1e-6,
	       (double)used_ns * 1e-6 / INTERVALS, (double)usage.ru_maxrss / 1024);
	replay(path);
}

int main(int argc, char **argv)
{
	measure(MODE_SAMPLER, argc > 1 ? argv[1] : "build/bench-recording");
	return 0;
}
