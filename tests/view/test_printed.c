/* top --once and top --json. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/diag.h"
#include "harness/test.h"
#include "view/service.h"

static const struct view_options *options(const char *filter, size_t top)
{
	static struct view_options options;

	options = (struct view_options){ .grouping = grouping_find("site"),
					 .value = VALUE_INUSE_SPACE,
					 .filter = filter,
					 .top = top };
	return &options;
}

static const char *text_of(const struct snapshot *snapshot, const struct view_options *options,
			   unsigned int width)
{
	static char text[1 << 16];
	FILE *out = fmemopen(text, sizeof(text), "w");

	CHECK_INT(view_text(out, snapshot, options, width), 0);
	fclose(out);
	return text;
}

static const char *json_of(const struct snapshot *snapshot, const struct view_options *options)
{
	static char text[1 << 16];
	FILE *out = fmemopen(text, sizeof(text), "w");

	CHECK_INT(view_json(out, snapshot, options), 0);
	fclose(out);
	return text;
}

TEST("text for 80 columns is the head and the table")
{
	struct service service;

	service_init(&service);
	/* clang-format off */
	CHECK_STRING(text_of(&service.snapshot, options(NULL, 2), 80),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   100 MiB of goal 200 MiB, 812k objects\n"
		"alloc  1.40 GiB/s, 20.1M/s  gc 12.1/s, paused 12.3 ms (p99 120 us), CPU 2.30%\n"
		"rss    240 MiB  heap=======strufio  itabs 1.23k +3/s  reflect +0/s\n"
		"\n"
		"  in use         share alloc rate SITE                            where\n"
		"64.0 MiB ███▉    64.0% 2.00 MiB/s ~che.(*GenericCache[...]).Store cache.go:42\n"
		"24.0 MiB █▌      24.0% 10.0 MiB/s bytes.growSlice                 buffer.go:249\n"
		"... smaller rows: 1\n");
	/* clang-format on */
}

TEST("text without a width has every column and no name cut")
{
	struct service service;

	service_init(&service);
	/* clang-format off */
	CHECK_STRING(text_of(&service.snapshot, options("Cache|fmt", 0), 0),
		"shop-server 4242  go1.23.4  sampler, 1 per 512 KiB  5s\n"
		"cost   8.10k hits/s x 620 ns = 0.50% of a CPU, probes: 2  own 0.90%, 32.0 MiB\n"
		"heap   100 MiB of goal 200 MiB, 812k objects\n"
		"alloc  1.40 GiB/s, 20.1M/s  gc 12.1/s, paused 12.3 ms (p99 120 us), CPU 2.30%\n"
		"rss    240 MiB  heap==========starunfiot  heap 140 MiB  stacks 30.0 MiB  runtime 30.0 MiB  file 20.0 MiB  other 20.0 MiB  itabs 1.23k +3/s  reflect +0/s\n"
		"\n"
		"  in use         share alloc rate samples     95% bounds age p50 SITE                                            where                type\n"
		"64.0 MiB ███▉    64.0% 2.00 MiB/s      64          exact       ? cache.(*GenericCache[string,*model.Item]).Store cache.go:42          model.Item\n"
		"12.0 MiB ▊       12.0%  512 KiB/s     100  9.76-14.6 MiB       ? fmt.Sprintf                                     print.go:239         ?\n"
		"... rows hidden by the filter: 1\n");
	/* clang-format on */
}

TEST("text prints every row of a very long table")
{
	enum { ROWS = 8000 };
	struct record *records = calloc(ROWS, sizeof(*records));
	struct {
		uint32_t count;
		struct frame frames[1];
	} *stacks = calloc(ROWS, sizeof(*stacks));
	struct service service;
	FILE *out = tmpfile();
	size_t lines = 0;

	service_init(&service);
	for (uint32_t i = 0; i < ROWS; i++) { /* rows differ by their lines */
		stacks[i].count = 1;
		stacks[i].frames[0] = (struct frame){ "main.f", "/m.go", i + 1, 0, i, false, 0 };
		records[i] = service.records[0];
		records[i].stack = (const struct stack *)(const void *)&stacks[i];
	}
	service.snapshot.records = records;
	service.snapshot.record_count = ROWS;
	CHECK_INT(view_text(out, &service.snapshot, options(NULL, 0), 200), 0);
	rewind(out);
	for (int c; (c = fgetc(out)) != EOF;)
		lines += c == '\n';
	CHECK_INT(lines, 5 + 2 + ROWS); /* head, a blank line, titles */
	fclose(out);
	free(records);
	free(stacks);
}

TEST("text says why there are no rows")
{
	struct service service;

	service_init(&service);
	CHECK(strstr(text_of(&service.snapshot, options("nothing like it", 0), 80),
		     "no rows: the filter hides all 3\n"));
	service.snapshot.mode = MODE_COUNTERS;
	service.snapshot.record_count = 0;
	CHECK(strstr(text_of(&service.snapshot, options(NULL, 0), 80),
		     "no rows: mode counters attributes nothing to code\n"));
}

static void ignore(void *context, enum diag_level level, const char *text)
{
	(void)level;
	snprintf(context, 256, "%s", text);
}

TEST("a bad filter is reported once and nothing is printed")
{
	struct service service;
	char said[256] = "", text[64] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	service_init(&service);
	diag_set_sink(ignore, said);
	CHECK_INT(view_text(out, &service.snapshot, options("(", 0), 80), -EINVAL);
	CHECK_INT(view_json(out, &service.snapshot, options("(", 0)), -EINVAL);
	diag_set_sink(NULL, NULL);
	fclose(out);
	CHECK_STRING(text, "");
	CHECK(strstr(said, "bad regular expression '('"));
}

TEST("JSON has the manual's keys in their order, and integers are integers")
{
	struct service service;

	service_init(&service);
	service.snapshot.losses[LOSS_LIVE_MAP_FULL] = 7;
	CHECK_STRING(
		json_of(&service.snapshot, options(NULL, 1)),
		"{\"schema\":\"heaptap.top/"
		"1\",\"time_unix_ns\":1700000005000000000,\"interval_s\":1.0,\"pid\":4242,\"comm\":"
		"\"shop-server\",\"go_version\":\"go1.23.4\",\"mode\":\"sampler\",\"heap\":{"
		"\"alloc_bytes\":5000000000,\"inuse_bytes\":104857600,\"inuse_objects\":812345,"
		"\"goal_bytes\":209715200,\"mallocs\":90000000,\"frees\":89187655,\"alloc_bytes_"
		"per_s\":1500000000,\"allocs_per_s\":20100000.0},\"gc\":{\"cycles\":60,\"cycles_"
		"per_s\":12.1,\"pause_total_ns\":12300000,\"pause_p99_ns\":120000,\"cpu_fraction\":"
		"0.023},\"rss\":{\"total_bytes\":251658240,\"heap_bytes\":146800640,\"stacks_"
		"bytes\":31457280,\"runtime_bytes\":31457280,\"file_bytes\":20971520,\"other_"
		"bytes\":20971520},\"types\":{\"itabs\":1234,\"itabs_added\":3,\"reflect_types_"
		"added\":0,\"reflect_registered\":null,\"metadata_share\":null,\"metadata_share_"
		"low\":null,\"metadata_share_"
		"high\":null,\"metadata_objects_share\":null,\"metadata_objects_share_low\":null,"
		"\"metadata_objects_share_high\":null,\"probed\":false,\"note\":null,\"rows\":[],"
		"\"itab_table\":[]},"
		"\"boxing\":{\"bytes_share\":0.0,\"bytes_low\":0.0,\"bytes_high\":0.0,\"objects_"
		"share\":0.0,\"objects_low\":0.0,\"objects_high\":0.0},"
		"\"cost\":{\"probes\":2,\"hits_per_s\":8100.0,"
		"\"trap_ns\":620.0,\"target_cpu_percent\":0.5022,\"self_cpu_percent\":0.9,\"self_"
		"rss_bytes\":33554432,\"longest_stall_ns\":null},\"governor\":{\"now\":null,"
		"\"wanted\":null,\"budget_"
		"percent\":null,\"spent_percent\":null,\"predicted_percent\":null,\"wanted_"
		"percent\":null,\"since_s\":null,\"steps\":null,\"groups\":[],\"last_step\":null},"
		"\"losses\":{\"bucket_map_full\":0,\"live_map_full\":7,"
		"\"site_map_full\":0,\"stack_map_full\":0,\"stack_unreadable\":0,\"target_"
		"unreadable\":0,\"bucket_invalid\":0,\"counters_torn\":0,\"type_unknown\":0,"
		"\"probe_missed\":0,\"hit_budget\":0,\"type_map_full\":0,\"itabs_cut\":0,"
		"\"cache_map_full\":0,\"pool_unknown\":0,\"gc_ring_full\":0},"
		"\"by\":\"site\",\"rows\":["
		"{\"name\":\"cache.("
		"*GenericCache[string,*model.Item]).Store\",\"file\":\"/nonexistent/"
		"cache.go\",\"line\":42,\"type\":\"example.com/shop/"
		"model.Item\",\"alloc_bytes\":125829120,\"alloc_objects\":1966080,\"inuse_bytes\":"
		"67108864,\"inuse_objects\":1048576,\"alloc_bytes_per_s\":2097152,\"share\":0.64,"
		"\"age_p50_ns\":null,\"samples\":64,\"low\":67108864,\"high\":67108864,\"stack\":["
		"\"example.com/shop/cache.(*GenericCache[go.shape.string,go.shape.*example.com/"
		"shop/model.Item]).Store\",\"main.handlePut\",\"net/"
		"http.HandlerFunc.ServeHTTP\",\"main.main\"]}],\"cache\":null}\n");
}

static json_t *parsed(const struct snapshot *snapshot)
{
	json_t *json = json_loads(json_of(snapshot, options(NULL, 0)), 0, NULL);

	CHECK(json);
	return json;
}

static void json_cleanup(json_t **json)
{
	json_decref(*json);
}

/* Every number below `json` that is not one of `known`. */
static size_t count_numbers(const json_t *json)
{
	const char *key;
	size_t index, count = json_is_number(json);
	json_t *value;

	json_object_foreach((json_t *)json, key,
			    value) if (strcmp(key, "losses") && strcmp(key, "pid")) count +=
		count_numbers(value);
	json_array_foreach(json, index, value) count += count_numbers(value);
	return count;
}

TEST("in JSON nothing that is not known is a number")
{
	CLEANUP(json_cleanup) json_t *json = NULL;
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	snapshot.time_unix_ns = UNKNOWN;
	snapshot.interval_s = NAN;
	json = parsed(&snapshot);
	CHECK_INT(count_numbers(json), 0);
	CHECK(json_is_null(json_object_get(json_object_get(json, "heap"), "goal_bytes")));
	CHECK(json_is_null(json_object_get(json, "comm")));
	CHECK_INT(json_object_size(json_object_get(json, "losses")), LOSS_COUNT);
}

TEST("a JSON row without in-use data, interval, type or place has nulls there")
{
	CLEANUP(json_cleanup) json_t *json = NULL;
	static const char *const nulls[] = { "inuse_bytes", "inuse_objects", "alloc_bytes_per_s",
					     "share",	    "samples",	     "low",
					     "high",	    "type",	     "file",
					     "line",	    "age_p50_ns" };
	struct service service;
	struct stack *stack = calloc(1, sizeof(*stack) + sizeof(struct frame));
	json_t *row;

	service_init(&service);
	stack->count = 1;
	stack->frames[0] = (struct frame){ .function = "main.f", .file = "" };
	service.records[0].stack = stack;
	service.records[0].type = NULL;
	service.snapshot.record_count = 1;
	service.snapshot.has_live = false;
	service.snapshot.interval_s = 0;
	json = parsed(&service.snapshot);
	free(stack);
	row = json_array_get(json_object_get(json, "rows"), 0);
	CHECK_INT(json_integer_value(json_object_get(row, "alloc_bytes")), 100 << 20);
	CHECK_INT(json_object_size(row), 15);
	for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++)
		CHECK(json_is_null(json_object_get(row, nulls[i])));
}

TEST("JSON stays valid with names that are not UTF-8")
{
	CLEANUP(json_cleanup) json_t *json = NULL;
	struct service service;

	service_init(&service);
	service.snapshot.comm = "a\xff\"\n\x1b";
	json = parsed(&service.snapshot);
	CHECK_STRING(json_string_value(json_object_get(json, "comm")), "a\xef\xbf\xbd\"\n\x1b");
}

TEST("a full disk is an error")
{
	struct service service;
	AUTO_FCLOSE FILE *full = fopen("/dev/full", "w");

	service_init(&service);
	CHECK(full);
	setvbuf(full, NULL, _IONBF, 0);
	CHECK_INT(view_text(full, &service.snapshot, options(NULL, 0), 80), -ENOSPC);
	CHECK_INT(view_json(full, &service.snapshot, options(NULL, 0)), -ENOSPC);
}

static struct governor_state stepped(void)
{
	struct governor_state state;
	struct governor_step step = { 1700000004000000000, "sampler", "list",
				      "sampler would take 2.7 % of a CPU" };

	governor_state_init(&state);
	state.now = "list";
	state.wanted = "sampler";
	state.budget_percent = 1;
	state.spent_percent = 0.5022;
	state.predicted_percent = 0;
	state.wanted_percent = 2.7;
	state.since_s = 0;
	state.steps = 1;
	state.groups[state.group_count++] = (struct governor_group){ "sampler", 0.5, 0.5022 };
	governor_state_add_step(&state, &step);
	return state;
}

TEST("JSON says what of the budget was taken by whom, and why the collector was changed")
{
	struct service service;
	const char *json;

	service_init(&service);
	service.snapshot.governor = stepped();
	json = json_of(&service.snapshot, options(NULL, 1));
	CHECK(strstr(json,
		     "\"governor\":{\"now\":\"list\",\"wanted\":\"sampler\",\"budget_percent\":1."
		     "0,\"spent_percent\":0.5022,\"predicted_percent\":0.0,\"wanted_percent\":2."
		     "7,\"since_s\":0.0,\"steps\":2,\"groups\":[{\"name\":\"sampler\",\"allowed_"
		     "percent\":0.5,\"percent\":0.5022}],\"last_step\":{\"time_unix_ns\":"
		     "1700000004000000000,\"from\":\"sampler\",\"to\":\"list\",\"reason\":"
		     "\"sampler would take 2.7 % of a CPU\"}}") != NULL);
}

TEST("where the budget is known the head says what of it is spent")
{
	struct service service;

	service_init(&service);
	service.snapshot.governor = stepped();
	CHECK(strstr(text_of(&service.snapshot, options(NULL, 1), 80),
		     "= 0.50 of 1% CPU, probes: 2  own") != NULL);
	service.snapshot.governor.budget_percent = 12.5;
	service.snapshot.cost.target_cpu_percent = 0.001;
	CHECK(strstr(text_of(&service.snapshot, options(NULL, 1), 80),
		     "= <0.01 of 12.5% CPU, probes: 2") != NULL);
	service.snapshot.cost.target_cpu_percent = NAN;
	CHECK(strstr(text_of(&service.snapshot, options(NULL, 1), 80), "= ? of 12.5% CPU") != NULL);
}
