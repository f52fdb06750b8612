/* Made-up processes recorded into a file, with what went into it. */
#ifndef TESTS_UNIT_RECORDING_TAKE_H
#define TESTS_UNIT_RECORDING_TAKE_H

#include "harness/test.h"
#include "store/recording.h"
#include "unit/recording_fixture.h"

#define INTERVALS 30

static inline int64_t add_process(struct recorder *recorder, const struct made_process *process)
{
	struct recorded_process info = { .pid = process->pid,
					 .comm = "made up",
					 .go_version = "go1.99",
					 .executable = "/bin/made",
					 .started_unix_ns = UNKNOWN };
	int64_t id;

	CHECK_INT(recorder_add_process(recorder, &info, &id), 0);
	return id;
}

/* What was recorded is kept beside for comparison. */
struct take {
	struct made_process processes[2];
	struct snapshot snapshots[2 * INTERVALS];
	size_t count;
};

static inline void record(struct take *take, const char *path, const enum mode *modes,
			  size_t processes)
{
	struct recorder *recorder;
	int64_t ids[2];

	CHECK_INT(recorder_open(path, false, &recorder), 0);
	for (size_t p = 0; p < processes; p++) {
		made_begin(&take->processes[p], 100 + (int32_t)p, modes[p], MADE_SITES, 5);
		ids[p] = add_process(recorder, &take->processes[p]);
	}
	take->count = 0;
	for (int i = 0; i < INTERVALS; i++)
		for (size_t p = 0; p < processes; p++) {
			made_next(&take->processes[p], &take->snapshots[take->count]);
			CHECK_INT(recorder_add(recorder, ids[p], &take->snapshots[take->count]), 0);
			take->count++;
		}
	CHECK_INT(recorder_end_process(recorder, ids[0], "the process has ended"), 0);
	CHECK_INT(recorder_close(recorder), 0);
}

static inline void forget(struct take *take, size_t processes)
{
	for (size_t i = 0; i < take->count; i++)
		snapshot_clear(&take->snapshots[i]);
	for (size_t p = 0; p < processes; p++)
		made_end(&take->processes[p]);
}

#endif
