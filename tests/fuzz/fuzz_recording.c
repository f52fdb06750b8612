/*
 * Damaged recordings. Random bytes are no database and are refused at once, so the input damages a
 * recording that is sound: it is a list of places and bytes. What the reader then finds are numbers
 * that lead nowhere, counts beyond any cap, pages that contradict each other.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "harness/test.h"
#include "store/recording.h"
#include "unit/recording_fixture.h"

#define INTERVALS 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the fixture finds wrong is a bug here as well. */
void test_fail(const char *file, int line, const char *format, ...)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, format);
	abort();
}

static uint8_t *sound;
static size_t sound_size;
static char path[64];

static void say_nothing(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static void make_sound(void)
{
	static const enum mode modes[] = { MODE_SAMPLER, MODE_WINDOWS };
	struct recorder *recorder;
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/heaptap-fuzz-%d", getpid());
	assert(recorder_open(path, true, &recorder) == 0);
	for (int p = 0; p < 2; p++) {
		struct recorded_process info = { .pid = p + 1, .comm = "made up" };
		struct made_process process;
		int64_t id;

		assert(recorder_add_process(recorder, &info, &id) == 0);
		made_begin(&process, p + 1, modes[p], 20, 5);
		for (int i = 0; i < INTERVALS; i++) {
			struct snapshot snapshot;

			made_next(&process, &snapshot);
			assert(recorder_add(recorder, id, &snapshot) == 0);
			snapshot_clear(&snapshot);
		}
		made_end(&process);
	}
	assert(recorder_close(recorder) == 0);
	sound = malloc(8 << 20);
	file = fopen(path, "re");
	assert(sound && file);
	sound_size = fread(sound, 1, 8 << 20, file);
	fclose(file);
	assert(sound_size > 0);
}

static void remove_file(void)
{
	unlink(path);
}

/* Four bytes for the place (the first bit: cut the file there), one for what to put. */
static void write_damaged(const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert(fd >= 0);
	assert(write(fd, sound, sound_size) == (ssize_t)sound_size);
	for (size_t i = 0; i + 5 <= size; i += 5) {
		uint32_t place;

		memcpy(&place, data + i, sizeof(place));
		if (place & 0x80000000 && data[i + 4] == 0xff)
			assert(ftruncate(fd, (off_t)(place % sound_size)) == 0);
		else
			assert(pwrite(fd, data + i + 4, 1, (off_t)(place % sound_size)) == 1);
	}
	close(fd);
}

static void check_all(const struct snapshot *snapshot)
{
	uint64_t sum = 0;

	assert(snapshot->memstats.pause_count <= MEMSTATS_PAUSES);
	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];

		sum += record->type ? strlen(record->type) : 0;
		for (uint32_t k = 0; k < record->stack->count; k++)
			sum += strlen(record->stack->frames[k].function) +
			       strlen(record->stack->frames[k].file);
	}
	for (size_t i = 0; i < snapshot->gc_events.stop_count; i++)
		sum += strlen(gc_stop_reason_text(snapshot->gc_events.stops[i].reason));
	__asm__ volatile("" : : "r"(sum));
}

static void read_all(struct recording *recording)
{
	struct snapshot snapshot;
	size_t count;

	snapshot_init(&snapshot);
	for (int i = 0; i < 4 * INTERVALS && recording_next(recording, &snapshot) == 1; i++)
		check_all(&snapshot);
	if (recording_step(recording, -3) == 0 && recording_next(recording, &snapshot) == 1)
		check_all(&snapshot);
	recording_processes(recording, &count);
	for (size_t i = 1; i <= count && i <= 2; i++) {
		recording_select(recording, (int64_t)i);
		if (recording_window(recording, INT64_MIN, INT64_MAX, &snapshot) == 1)
			check_all(&snapshot);
	}
	snapshot_clear(&snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recording *recording;

	if (!sound) {
		diag_set_sink(say_nothing, NULL);
		make_sound();
		atexit(remove_file);
	}
	write_damaged(data, size);
	if (recording_open(path, &recording) < 0)
		return 0;
	read_all(recording);
	recording_close(recording);
	return 0;
}
