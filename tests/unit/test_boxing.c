/* What is boxed, by the stacks that each Go version makes of it. */
#include <math.h>
#include <stdlib.h>

#include "harness/test.h"
#include "model/boxing.h"
#include "model/instantiations.h"

static struct stack *stack_of(const char *const *functions)
{
	struct stack *stack;
	uint32_t count = 0;

	while (functions[count])
		count++;
	stack = calloc(1, sizeof(*stack) + count * sizeof(struct frame));
	stack->count = count;
	for (uint32_t i = 0; i < count; i++)
		stack->frames[i] = (struct frame){ .function = functions[i], .file = "" };
	return stack;
}

static bool boxes(const char *const *functions)
{
	struct stack *stack = stack_of(functions);
	bool result = boxing_stack(stack);

	free(stack);
	return result;
}
#define BOXES(...) boxes((const char *const[]){ __VA_ARGS__, NULL })

TEST("values put into interfaces are boxed in the stacks of every version")
{
	/* buckets up to 1.25, completed by the call site; exact hits of all versions */
	CHECK(BOXES("runtime.convT", "main.f", "main.main"));
	CHECK(BOXES("runtime.convTnoptr", "main.f"));
	CHECK(BOXES("runtime.convT16", "main.f"));
	CHECK(BOXES("runtime.convT32", "main.f"));
	CHECK(BOXES("runtime.convT64", "main.f"));
	CHECK(BOXES("runtime.convTstring", "main.f"));
	CHECK(BOXES("runtime.convTslice", "main.f"));
	/* buckets of 1.26 and 1.27, hits of 1.27's size-specialised allocators */
	CHECK(BOXES("runtime.mallocgc", "runtime.convT64", "main.f"));
	CHECK(BOXES("runtime.mallocgcSmallNoScanSC2", "runtime.mallocgc", "runtime.convT",
		    "main.f"));
	/* the runtime's own errors, on its way to a panic */
	CHECK(BOXES("runtime.convT", "runtime.goPanicIndex", "main.f"));
}

TEST("what reflection puts into an interface is boxed, with unsafe_New inlined or not")
{
	CHECK(BOXES("reflect.unsafe_New", "reflect.packEface", "reflect.Value.Interface",
		    "main.f"));
	CHECK(BOXES("runtime.mallocgc", "reflect.unsafe_New", "reflect.packEface", "main.f"));
	CHECK(BOXES("reflect.packEface", "reflect.valueInterface", "main.f"));
	CHECK(!BOXES("reflect.unsafe_New", "reflect.New", "main.f"));
}

TEST("other allocations are not boxed, nor those that boxing causes")
{
	CHECK(!BOXES("main.f", "main.main"));
	CHECK(!BOXES("runtime.newobject", "main.f"));
	CHECK(!BOXES("runtime.mallocgc", "runtime.newobject", "main.f"));
	CHECK(!BOXES("runtime.makeslice", "main.f"));
	CHECK(!BOXES("runtime.convTables", "main.f"));
	CHECK(!BOXES("main.convT", "main.f"));
	/* a collection that began in a boxing's allocation */
	CHECK(!BOXES("runtime.malg", "runtime.newproc1", "runtime.gcStart", "runtime.mallocgc",
		     "runtime.convT", "main.f"));
	CHECK(!boxing_stack(NULL));
	CHECK(!BOXES("runtime.mallocgc"));
}

static struct record record_of(const struct stack *stack, double objects, double bytes)
{
	return (struct record){ .stack = stack,
				.begun = { .samples = (uint64_t)objects,
					   .objects = objects,
					   .bytes = bytes,
					   .objects_variance = objects,
					   .bytes_variance = bytes * bytes / objects } };
}

TEST("the share of boxing has bounds from the samples, and is not known of nothing")
{
	struct stack *boxed = stack_of((const char *const[]){ "runtime.convT", "main.f", NULL });
	struct stack *plain = stack_of((const char *const[]){ "main.g", NULL });
	struct record records[] = { record_of(boxed, 30, 480), record_of(plain, 70, 4480),
				    record_of(NULL, 0, 0) };
	struct snapshot snapshot;
	struct boxing_shares shares;

	snapshot_init(&snapshot);
	CHECK(isnan(boxing_shares_of(&snapshot).bytes.value));
	records[2].begun = (struct amount){ 0 };
	snapshot.records = records;
	snapshot.record_count = 3;
	shares = boxing_shares_of(&snapshot);
	CHECK_NEAR(shares.objects.value, 0.3, 1e-12);
	CHECK_NEAR(shares.bytes.value, 480.0 / 4960, 1e-12);
	CHECK(shares.objects.bounds.low < 0.3 && shares.objects.bounds.high > 0.3);
	CHECK(shares.objects.bounds.low > 0.2 && shares.objects.bounds.high < 0.42);
	free(boxed);
	free(plain);
}

/* ---- groupings that are made of it ---- */

static struct table build(struct snapshot *snapshot, const char *grouping)
{
	struct table table = { 0 };

	CHECK_INT(table_build(snapshot, grouping_find(grouping), VALUE_ALLOC_SPACE, false, NULL,
			      NULL, &table),
		  0);
	return table;
}

TEST("rows of boxing say type, interface and place; the rest is one row and the last")
{
	struct stack *boxed = stack_of((const char *const[]){ "runtime.convT64", "a/b.f", NULL });
	struct stack *plain = stack_of((const char *const[]){ "main.g", NULL });
	struct record records[] = { record_of(boxed, 1, 8), record_of(boxed, 2, 16),
				    record_of(plain, 9, 900), record_of(NULL, 5, 500) };
	struct snapshot snapshot;
	struct table table;

	snapshot_init(&snapshot);
	records[0].type = "int64";
	records[1].type = "int64";
	records[1].interface = "example.com/x.Number";
	snapshot.records = records;
	snapshot.record_count = 4;
	table = build(&snapshot, "boxing");
	CHECK_INT(table.count, 3);
	CHECK_STRING(table.rows[0].name, "int64 -> x.Number in b.f");
	CHECK_STRING(table.rows[1].name, "int64 in b.f");
	CHECK_STRING(table.rows[2].name, "(not boxed)");
	CHECK(table.rows[2].is_rest && !table.rows[0].is_rest);
	CHECK_NEAR(table.rows[2].value, 1400, 1e-9);
	table_clear(&table);
	free(boxed);
	free(plain);
}

TEST("size classes hold what the allocator puts into them")
{
	static const struct {
		uint64_t bytes;
		const char *name;
	} cases[] = { { 1, "8 B" },	     { 8, "8 B" },	     { 9, "16 B" },
		      { 48, "48 B" },	     { 49, "64 B" },	     { 32768, "32768 B" },
		      { 32769, "> 32 KiB" }, { 1 << 20, "> 32 KiB" } };
	struct record record = record_of(NULL, 1, 1);
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	snapshot.records = &record;
	snapshot.record_count = 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct table table;

		record.object_bytes = cases[i].bytes;
		table = build(&snapshot, "class");
		CHECK_STRING(table.rows[0].name, cases[i].name);
		table_clear(&table);
	}
}

/* ---- instantiations ---- */

static struct stack *generic_stack(const char *function, uint64_t entry)
{
	struct stack *stack = stack_of((const char *const[]){ "main.leaf", function, NULL });

	stack->frames[1].entry = entry;
	return stack;
}

static struct instantiations seen_in(struct record *records, size_t count)
{
	struct instantiations seen = { 0 };
	struct snapshot snapshot;
	struct table table;

	snapshot_init(&snapshot);
	snapshot.records = records;
	snapshot.record_count = count;
	table = build(&snapshot, "generic");
	CHECK_INT(table.count, 1);
	CHECK_INT(instantiations_of(&table.rows[0], VALUE_ALLOC_SPACE, &seen), 0);
	table_clear(&table);
	return seen;
}

TEST("instantiations are told apart by their names, and sum what they allocate")
{
	struct stack *ints = generic_stack("main.F[go.shape.int]", 100);
	struct stack *copied = generic_stack("main.F[go.shape.int]", 900); /* inlined elsewhere */
	struct stack *strings = generic_stack("main.F[go.shape.string]", 200);
	struct record records[] = { record_of(ints, 1, 10), record_of(copied, 1, 15),
				    record_of(strings, 1, 20) };
	struct instantiations seen = seen_in(records, 3);

	CHECK_INT(seen.count, 2);
	CHECK(!seen.partial);
	CHECK_STRING(seen.items[0].function, "main.F[go.shape.int]");
	CHECK_NEAR(seen.items[0].value, 25, 1e-9);
	CHECK_INT(seen.items[0].record_count, 2);
	CHECK_NEAR(seen.items[1].value, 20, 1e-9);
	instantiations_clear(&seen);
	free(ints);
	free(copied);
	free(strings);
}

TEST("Go 1.19's instantiations are told apart by their code, or said to be some")
{
	struct stack *first = generic_stack("main.F[...]", 100);
	struct stack *second = generic_stack("main.F[...]", 200);
	struct record records[] = { record_of(first, 1, 10), record_of(second, 1, 20) };
	struct instantiations seen = seen_in(records, 2);

	CHECK_INT(seen.count, 2);
	CHECK(!seen.partial);
	instantiations_clear(&seen);
	first->frames[1].entry = second->frames[1].entry = 0; /* of a recording */
	seen = seen_in(records, 2);
	CHECK_INT(seen.count, 1);
	CHECK(seen.partial);
	instantiations_clear(&seen);
	free(first);
	free(second);
}

TEST("the binary's generic functions are found by the names of rows")
{
	static const struct generic_function items[] = { { "a.F[...]", 3, 0, NULL },
							 { "main.(*T[...]).M", 50, 0, NULL } };
	const struct generics generics = { 2, items };

	CHECK_INT(generics_find(&generics, "main.(*T[...]).M")->shapes, 50);
	CHECK(generics_find(&generics, "main.F[...]") == NULL);
	CHECK(generics_find(NULL, "a.F[...]") == NULL);
}
