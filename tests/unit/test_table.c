/* Grouping, sums, order, shares and filters of tables. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "model/table.h"

#define STACK(name, ...)                                                                           \
	static const struct {                                                                      \
		uint32_t count;                                                                    \
		struct frame frames[4];                                                            \
	} name##_frames = __VA_ARGS__;                                                             \
	static const struct stack *const name = (const struct stack *)&name##_frames

#define FRAME(function_name, file_name, line_number)                                               \
	{                                                                                          \
		.function = function_name, .file = file_name, .line = line_number                  \
	}

STACK(in_store, { 3,
		  { FRAME("runtime.newobject", "malloc.go", 10),
		    FRAME("main.(*Cache[go.shape.string,go.shape.*uint8]).Store", "cache.go", 20),
		    FRAME("main.main", "main.go", 5) } });
STACK(in_store_int, { 2,
		      { FRAME("main.(*Cache[go.shape.int,go.shape.*uint8]).Store", "cache.go", 20),
			FRAME("main.main", "main.go", 6) } });
STACK(in_store_later,
      { 2,
	{ FRAME("main.(*Cache[go.shape.int,go.shape.*uint8]).Store", "cache.go", 22),
	  FRAME("main.main", "main.go", 6) } });
STACK(below_store, { 3,
		     { FRAME("sync.(*Map).Swap", "map.go", 30),
		       FRAME("main.(*Cache[go.shape.int,go.shape.*uint8]).Store", "cache.go", 25),
		       FRAME("main.main", "main.go", 6) } });
STACK(in_runtime, { 1, { FRAME("runtime.malg", "proc.go", 7) } });
STACK(lost, { 0, { { 0 } } });

static struct amount amount(double objects, double bytes)
{
	return (struct amount){ .samples = (uint64_t)objects,
				.objects = objects,
				.bytes = bytes,
				.objects_variance = objects,
				.bytes_variance = bytes * bytes / objects };
}

static struct record record(uint64_t id, const struct stack *stack, const char *type, double begun)
{
	return (struct record){ .id = id,
				.stack = stack,
				.type = type,
				.begun = amount(10, begun),
				.total = amount(20, 2 * begun),
				.live = amount(5, begun / 2),
				.interval = amount(1, begun / 10) };
}

static struct record records[6];

static struct snapshot scene(void)
{
	struct snapshot snapshot;

	records[0] = record(1, in_store, "main.Item", 100);
	records[1] = record(2, in_store_int, "main.Item", 200);
	records[2] = record(3, in_store_later, "string", 50);
	records[3] = record(4, below_store, "sync.entry", 400);
	records[4] = record(5, in_runtime, NULL, 30);
	records[5] = record(6, lost, "string", 20);
	snapshot_init(&snapshot);
	snapshot.records = records;
	snapshot.record_count = 6;
	snapshot.interval_s = 2;
	snapshot.has_live = snapshot.has_total = true;
	return snapshot;
}

static struct table build(const struct snapshot *snapshot, const char *grouping, enum value value,
			  bool from_start, row_filter filter, void *context)
{
	struct table table = { 0 };

	CHECK(grouping_find(grouping) != NULL);
	CHECK_INT(table_build(snapshot, grouping_find(grouping), value, from_start, filter, context,
			      &table),
		  0);
	return table;
}

/* "name=value" of every row, in order. */
static const char *rows_of(const struct table *table)
{
	static char text[2048];
	size_t used = 0;

	text[0] = 0;
	for (size_t i = 0; i < table->count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%.0f",
					 i ? " | " : "", table->rows[i].name, table->rows[i].value);
	return text;
}

TEST("sites are functions and lines, the heaviest first")
{
	struct snapshot snapshot = scene();
	CLEANUP(table_clear)
	struct table table = build(&snapshot, "site", VALUE_ALLOC_SPACE, false, NULL, NULL);

	CHECK_STRING(
		rows_of(&table),
		"sync.(*Map).Swap=400 | main.(*Cache[int,*uint8]).Store=200 | "
		"main.(*Cache[string,*uint8]).Store=100 | main.(*Cache[int,*uint8]).Store=50 | "
		"runtime.malg=30 | (stack not known)=20");
	CHECK_STRING(table.rows[1].file, "cache.go");
	CHECK_INT(table.rows[1].line, 20);
	CHECK_INT(table.rows[3].line, 22);
	CHECK_STRING(table.rows[5].file, "");
	CHECK(table.sum == 800);
}

TEST("the other groupings join what belongs together")
{
	struct snapshot snapshot = scene();
	CLEANUP(table_clear)
	struct table types = build(&snapshot, "type", VALUE_ALLOC_SPACE, false, NULL, NULL);

	CHECK_STRING(rows_of(&types),
		     "sync.entry=400 | main.Item=300 | string=70 | (type not known)=30");
	CHECK(types.rows[3].type == NULL);
	CLEANUP(table_clear)
	struct table packages = build(&snapshot, "package", VALUE_ALLOC_SPACE, false, NULL, NULL);

	CHECK_STRING(rows_of(&packages), "sync=400 | main=350 | runtime=30 | (stack not known)=20");
	CLEANUP(table_clear)
	struct table generics = build(&snapshot, "generic", VALUE_ALLOC_SPACE, false, NULL, NULL);

	CHECK_STRING(rows_of(&generics),
		     "main.(*Cache[...]).Store=750 | (not generic)=30 | (stack not known)=20");
}

TEST("a row sums its records and holds them, the heaviest first")
{
	struct snapshot snapshot = scene();
	CLEANUP(table_clear)
	struct table table = build(&snapshot, "type", VALUE_ALLOC_SPACE, false, NULL, NULL);
	const struct row *row = &table.rows[1];

	CHECK_INT(row->record_count, 2);
	CHECK_INT(row->records[0]->id, 2);
	CHECK_INT(row->records[1]->id, 1);
	CHECK(row->begun.bytes == 300 && row->total.bytes == 600 && row->live.bytes == 150);
	CHECK_NEAR(row->rate_bytes_per_s, 15, 1e-9);
	CHECK_NEAR(row->share, 300.0 / 800, 1e-12);
	CHECK_INT(row->line, 20);
}

TEST("each value is about its own amount")
{
	struct snapshot snapshot = scene();
	static const struct {
		enum value value;
		bool from_start;
		double sum;
	} cases[] = { { VALUE_ALLOC_SPACE, false, 800 },  { VALUE_ALLOC_SPACE, true, 1600 },
		      { VALUE_ALLOC_OBJECTS, false, 60 }, { VALUE_ALLOC_OBJECTS, true, 120 },
		      { VALUE_INUSE_SPACE, false, 400 },  { VALUE_INUSE_SPACE, true, 400 },
		      { VALUE_INUSE_OBJECTS, true, 30 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct table table =
			build(&snapshot, "site", cases[i].value, cases[i].from_start, NULL, NULL);

		CHECK_NEAR(table.sum, cases[i].sum, 1e-9);
		table_clear(&table);
	}
}

TEST("the bounds of a row are the interval of its summed variance")
{
	struct snapshot snapshot = scene();
	CLEANUP(table_clear)
	struct table table = build(&snapshot, "site", VALUE_ALLOC_OBJECTS, false, NULL, NULL);
	struct interval ten = amount_interval(10, 10); /* 4.80 to 18.39 */

	CHECK_NEAR(table.rows[0].bounds.low, ten.low, 1e-9);
	CHECK_NEAR(table.rows[0].bounds.high, ten.high, 1e-9);
}

TEST("without an interval a rate is not known")
{
	struct snapshot snapshot = scene();

	snapshot.interval_s = 0;
	CLEANUP(table_clear)
	struct table table = build(&snapshot, "site", VALUE_ALLOC_SPACE, false, NULL, NULL);

	CHECK(isnan(table.rows[0].rate_bytes_per_s));
}

static bool keeps_strings(void *context, const char *row_name, const char *type)
{
	(void)row_name;
	(*(int *)context)++;
	return type && !strcmp(type, "string");
}

static bool keeps_map(void *context, const char *row_name, const char *type)
{
	(void)context;
	(void)type;
	return strstr(row_name, "Map") != NULL;
}

TEST("a filter takes rows away, and shares stay those of everything")
{
	struct snapshot snapshot = scene();
	CLEANUP(table_clear)
	struct table table = build(&snapshot, "site", VALUE_ALLOC_SPACE, false, keeps_map, NULL);

	CHECK_STRING(rows_of(&table), "sync.(*Map).Swap=400");
	CHECK_INT(table.filtered, 5);
	CHECK_NEAR(table.rows[0].share, 0.5, 1e-12);
	CHECK(table.sum == 800);
}

TEST("a filter on types leaves the records of other types out of a row")
{
	struct snapshot snapshot = scene();
	int asked = 0;
	CLEANUP(table_clear)
	struct table table =
		build(&snapshot, "package", VALUE_ALLOC_SPACE, false, keeps_strings, &asked);

	CHECK_STRING(rows_of(&table), "main=50 | (stack not known)=20");
	CHECK_INT(table.rows[0].record_count, 1);
	CHECK_INT(table.filtered, 2);
	CHECK_INT(asked, 5); /* main: Item once for two records, string once; three other rows */
}

TEST("equal values are ordered by name, so that a refresh moves nothing")
{
	struct snapshot snapshot = scene();

	for (int i = 0; i < 6; i++)
		records[i].begun = amount(1, 7);
	CLEANUP(table_clear)
	struct table table = build(&snapshot, "site", VALUE_ALLOC_SPACE, false, NULL, NULL);

	CHECK_STRING(rows_of(&table),
		     "(stack not known)=7 | main.(*Cache[int,*uint8]).Store=7 | "
		     "main.(*Cache[int,*uint8]).Store=7 | main.(*Cache[string,*uint8]).Store=7 | "
		     "runtime.malg=7 | sync.(*Map).Swap=7");
	CHECK_INT(table.rows[1].line, 20);
	CHECK_INT(table.rows[2].line, 22);
}

TEST("no records make no rows")
{
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	CLEANUP(table_clear)
	struct table table = build(&snapshot, "site", VALUE_ALLOC_SPACE, false, NULL, NULL);

	CHECK_INT(table.count, 0);
	CHECK_INT(table.filtered, 0);
	CHECK(table.sum == 0);
}

TEST("groupings are found by name only")
{
	CHECK(grouping_find("clas") == NULL);
	for (size_t i = 0; i < grouping_count; i++)
		CHECK(grouping_find(groupings[i].name) == &groupings[i]);
}

TEST("of what was sampled and is not there now some may be: three or four samples at most")
{
	static struct record gone;
	struct snapshot snapshot;

	gone = record(1, in_store, "main.T", 0);
	gone.object_bytes = 1024;
	gone.live = (struct amount){ 0 };
	snapshot_init(&snapshot);
	snapshot.records = &gone;
	snapshot.record_count = 1;
	snapshot.has_live = true;
	snapshot.sampling_rate_bytes = 524288;
	for (int mode = 0; mode < MODE_COUNT; mode++) {
		CLEANUP(table_clear) struct table table = { 0 };

		snapshot.mode = (enum mode)mode;
		table = build(&snapshot, "site", VALUE_INUSE_SPACE, false, NULL, NULL);
		CHECK(table.rows[0].value == 0 && table.rows[0].bounds.low == 0);
		/* a sample of small objects stands for the rate */
		if (mode == MODE_SAMPLER || mode == MODE_LIST)
			CHECK_NEAR(table.rows[0].bounds.high, -log(0.025) * 524800, 100);
		else
			CHECK(table.rows[0].bounds.high == 0);
	}
}
