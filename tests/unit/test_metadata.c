/* What of the allocation is metadata: which stacks count, and the share of known amounts. */
#include <math.h>

#include "harness/test.h"
#include "model/metadata.h"

#define DEEPEST 8

/* Leaf first; NULL ends it. One of a few that are used in turn. */
static const struct stack *stack_of(const char *const *functions)
{
	static struct {
		_Alignas(struct stack) char bytes[sizeof(struct stack) +
						  DEEPEST * sizeof(struct frame)];
	} stacks[4];
	static unsigned int next;
	struct stack *stack = (struct stack *)stacks[next++ % 4].bytes;

	for (stack->count = 0; functions[stack->count]; stack->count++)
		stack->frames[stack->count] = (struct frame){
			.function = functions[stack->count],
			.file = "",
		};
	return stack;
}
#define STACK(...) stack_of((const char *const[]){ __VA_ARGS__, NULL })

TEST("what reflection and boxing allocate is metadata, what they call is not")
{
	CHECK(metadata_has(
		STACK("runtime.mallocgc", "runtime.newobject", "reflect.New", "main.f")));
	CHECK(metadata_has(STACK("reflect.StructOf", "main.f")));
	CHECK(metadata_has(STACK("runtime.mallocgc", "runtime.convT64", "main.f")));
	CHECK(metadata_has(STACK("runtime.mallocgc", "runtime.itabAdd", "runtime.getitab",
				 "runtime.typeAssert", "main.f")));
	CHECK(metadata_has(STACK("internal/reflectlite.Swapper", "sort.Slice", "main.f")));
	CHECK(!metadata_has(STACK("runtime.mallocgc", "runtime.newobject", "main.f")));
	CHECK(!metadata_has(
		STACK("main.called", "reflect.Value.call", "reflect.Value.Call", "main.f")));
	CHECK(!metadata_has(STACK("runtime.mallocgc", "runtime.gcBgMarkWorker")));
	CHECK(!metadata_has(STACK("example.com/reflect.Value", "main.f")));
	CHECK(!metadata_has(NULL));
}

TEST("who causes a registration is the first function outside of the runtime and reflection")
{
	const struct frame *cause = metadata_cause(
		STACK("runtime.getitab", "runtime.assertE2I2", "main.convert", "main.main"));

	CHECK(cause);
	CHECK_STRING(cause->function, "main.convert");
	cause = metadata_cause(
		STACK("reflect.resolveReflectName", "reflect.FuncOf", "text/template.f"));
	CHECK_STRING(cause->function, "text/template.f");
	CHECK(!metadata_cause(STACK("runtime.getitab", "runtime.main")));
	CHECK(!metadata_cause(NULL));
}

TEST("each rule of metadata has a reason and is needed: none begins as an earlier one does")
{
	for (const struct metadata_rule *rule = metadata_rules; rule->prefix; rule++) {
		CHECK(rule->reason && *rule->reason);
		CHECK(metadata_rule_of(rule->prefix) == rule);
	}
}

static struct record record_of(const struct stack *stack, uint64_t samples, uint64_t bytes,
			       double rate)
{
	return (struct record){
		.stack = stack,
		.object_bytes = bytes,
		.begun = amount_from_samples(samples, bytes, rate),
	};
}

TEST("the share of metadata is exact where the amounts are")
{
	struct record records[] = {
		record_of(STACK("reflect.New", "main.f"), 30, 100, 1),
		record_of(STACK("main.f"), 10, 600, 1),
		record_of(NULL, 10, 100, 1),
	};
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	snapshot.records = records;
	snapshot.record_count = 3;
	metadata_fill(&snapshot);
	CHECK_NEAR(snapshot.type_group.metadata_bytes.value, 0.3, 1e-12);
	CHECK_NEAR(snapshot.type_group.metadata_bytes.bounds.low, 0.3, 1e-12);
	CHECK_NEAR(snapshot.type_group.metadata_bytes.bounds.high, 0.3, 1e-12);
	CHECK_NEAR(snapshot.type_group.metadata_objects.value, 0.6, 1e-12);
	CHECK_NEAR(snapshot.types.metadata_share, 0.3, 1e-12);
}

TEST("with samples the share of metadata has bounds, without any it is not known")
{
	struct record records[] = {
		record_of(STACK("reflect.New", "main.f"), 40, 1024, 524288),
		record_of(STACK("main.f"), 60, 1024, 524288),
	};
	const struct share *share;
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	share = &snapshot.type_group.metadata_bytes;
	metadata_fill(&snapshot);
	CHECK(isnan(share->value) && isnan(snapshot.types.metadata_share));
	snapshot.records = records;
	snapshot.record_count = 2;
	metadata_fill(&snapshot);
	CHECK_NEAR(share->value, 0.4, 1e-6);
	CHECK_NEAR(share->samples, 100, 1e-3);
	CHECK_NEAR(share->bounds.low, 0.3094, 0.0005); /* Wilson, 40 of 100 */
	CHECK_NEAR(share->bounds.high, 0.4980, 0.0005);
}
