/* One small profile for the tests of all formats, and what a format writes for it. */
#ifndef TESTS_UNIT_EXPORT_FIXTURE_H
#define TESTS_UNIT_EXPORT_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "exporter.h"
#include "harness/test.h"

struct fixture_stack {
	uint32_t count;
	struct frame frames[4];
};

#define FIXTURE_FRAME(function_name, line_number, pc, is_inlined)                                  \
	{                                                                                          \
		.function = function_name, .file = "/src/" function_name ".go",                    \
		.line = line_number, .start_line = line_number - 1, .address = pc,                 \
		.inlined = is_inlined                                                              \
	}

/* main.main -> main.outer, into which main.inner is inlined, which allocates; the same without the
 * inlining; a stack of the runtime alone; one that was lost. */
static const struct fixture_stack fixture_inlined = {
	4,
	{ FIXTURE_FRAME("runtime.newobject", 9, 0x1000, false),
	  FIXTURE_FRAME("main.inner", 30, 0x2000, true),
	  FIXTURE_FRAME("main.outer", 20, 0x2000, false),
	  FIXTURE_FRAME("main.main", 10, 0x3000, false) }
};
static const struct fixture_stack fixture_direct = {
	3,
	{ FIXTURE_FRAME("main.outer", 21, 0x2100, false),
	  FIXTURE_FRAME("main.main", 10, 0x3000, false),
	  FIXTURE_FRAME("runtime.goexit", 1, 0x4000, false) }
};
static const struct fixture_stack fixture_runtime = {
	2,
	{ FIXTURE_FRAME("runtime.malg", 5, 0x5000, false),
	  FIXTURE_FRAME("runtime.newproc1", 6, 0x5100, false) }
};
static const struct fixture_stack fixture_lost = { 0, { { 0 } } };

/* allocated, allocated while observed, alive */
static inline struct record fixture_record(uint64_t id, const struct fixture_stack *stack,
					   const char *type, double total, double begun,
					   double live)
{
	struct record record = {
		.id = id, .stack = (const struct stack *)stack, .type = type, .object_bytes = 16
	};

	record.total = (struct amount){ .samples = 1, .objects = total, .bytes = total * 16 };
	record.begun = (struct amount){ .samples = 1, .objects = begun, .bytes = begun * 16 };
	record.live = (struct amount){ .samples = 1, .objects = live, .bytes = live * 16 };
	return record;
}

#define FIXTURE_RECORDS 5

static inline struct snapshot fixture_snapshot(struct record *records)
{
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	records[0] = fixture_record(1, &fixture_inlined, "main.T", 100, 10, 40);
	records[1] = fixture_record(2, &fixture_direct, NULL, 200, 20, 0);
	records[2] = fixture_record(3, &fixture_runtime, "runtime.g", 7, 0, 7);
	records[3] = fixture_record(4, &fixture_lost, NULL, 1, 1, 1);
	records[4] = fixture_record(5, &fixture_inlined, "string", 1000, 0, 0);
	snapshot.records = records;
	snapshot.record_count = FIXTURE_RECORDS;
	snapshot.has_total = snapshot.has_live = true;
	snapshot.pid = 42;
	snapshot.comm = "program";
	snapshot.time_unix_ns = 1700000000123456789;
	snapshot.elapsed_s = 2.5;
	snapshot.sampling_rate_bytes = 524288;
	return snapshot;
}

/* What the format writes, to be freed; *ret_size may be NULL. */
static inline char *fixture_export(const char *format, const struct snapshot *snapshot,
				   enum value value, bool from_start, size_t *ret_size)
{
	struct export_options options = { .value = value,
					  .from_start = from_start,
					  .title = "program" };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int error = exporter_find(format, NULL)->write(out, snapshot, &options);

	fclose(out);
	CHECK_INT(error, 0);
	if (ret_size)
		*ret_size = size;
	return text;
}

#endif
