/* Stacks, ages, names of values: the small parts of the model. */
#include <math.h>
#include <stdlib.h>

#include "harness/test.h"
#include "model/bucket.h"
#include "model/snapshot.h"
#include "model/stack.h"

static uint32_t prefix_of(uint32_t count, const char *const *functions)
{
	struct stack *stack = calloc(1, sizeof(*stack) + count * sizeof(struct frame));
	uint32_t prefix;

	stack->count = count;
	for (uint32_t i = 0; i < count; i++)
		stack->frames[i] = (struct frame){ .function = functions[i], .file = "" };
	prefix = stack_runtime_prefix(stack);
	free(stack);
	return prefix;
}

TEST("the runtime's frames at the leaf are its prefix, those further out are not")
{
	static const char *const frames[] = { "runtime.mallocgc", "internal/runtime/maps.newTable",
					      "runtime.makemap", "main.main", "runtime.main" };

	CHECK_INT(prefix_of(5, frames), 3);
	CHECK_INT(prefix_of(2, frames + 3), 0);
}

TEST("a stack of the runtime alone has no prefix")
{
	static const char *const frames[] = { "runtime.malg", "runtime.newproc1" };

	CHECK_INT(prefix_of(2, frames), 0);
	CHECK_INT(prefix_of(0, frames), 0);
}

TEST("packages whose names begin like the runtime's are not the runtime")
{
	static const char *const debug[] = { "runtime/debug.ReadBuildInfo" };
	static const char *const after[] = { "runtime.newobject", "runtimes.F" };
	static const char *const internal[] = { "runtime.newobject", "internal/runtimes.F" };

	CHECK_INT(prefix_of(1, debug), 0);
	CHECK_INT(prefix_of(2, after), 1);
	CHECK_INT(prefix_of(2, internal), 1);
}

TEST("the median age lies inside of the slot that has it")
{
	struct ages ages = { 0 };

	CHECK_INT(ages_median_ns(&ages), -1);
	ages.slots[10] = 1; /* [2^20, 2^21): one death is taken for the geometric middle */
	CHECK_INT(ages_median_ns(&ages), llround(exp2(20.5)));
	ages.slots[3] = 1; /* the median of two is where the lower slot ends */
	CHECK_INT(ages_median_ns(&ages), 1 << 14);
	ages.slots[30] = 3; /* 5 deaths: half a death into the 3 of slot 30 */
	CHECK_INT(ages_median_ns(&ages), llround(exp2(40 + 0.5 / 3)));
}

TEST("ages add slot by slot")
{
	struct ages sum = { { 1, 2 } }, more = { { 10, 0, 5 } };

	ages_add(&sum, &more);
	CHECK_INT(sum.slots[0], 11);
	CHECK_INT(sum.slots[1], 2);
	CHECK_INT(sum.slots[2], 5);
}

TEST("values have the names of go tool pprof")
{
	CHECK_STRING(value_name(VALUE_INUSE_SPACE), "inuse_space");
	for (int value = 0; value < VALUE_COUNT; value++)
		CHECK_INT(value_find(value_name(value)), value);
	CHECK_INT(value_find("inuse"), -1);
	CHECK(value_is_bytes(VALUE_ALLOC_SPACE) && !value_is_bytes(VALUE_ALLOC_OBJECTS));
	CHECK(value_is_inuse(VALUE_INUSE_OBJECTS) && !value_is_inuse(VALUE_ALLOC_SPACE));
}

TEST("an empty snapshot knows nothing and has lost nothing")
{
	struct snapshot snapshot;

	snapshot_init(&snapshot);
	CHECK_INT(snapshot.heap.inuse_bytes, UNKNOWN);
	CHECK_INT(snapshot.gc.pause_p99_ns, UNKNOWN);
	CHECK_INT(snapshot.rss.other_bytes, UNKNOWN);
	CHECK_INT(snapshot.cost.self_rss_bytes, UNKNOWN);
	CHECK(isnan(snapshot.heap.allocs_per_s) && isnan(snapshot.types.metadata_share));
	CHECK(!snapshot.has_live && !snapshot.has_total && !snapshot.records);
	CHECK_INT(snapshot_losses(&snapshot), 0);
	snapshot.losses[LOSS_PROBE_MISSED] = 3;
	snapshot.losses[LOSS_HIT_BUDGET] = 4;
	CHECK_INT(snapshot_losses(&snapshot), 7);
	snapshot_clear(&snapshot);
	CHECK_INT(snapshot_losses(&snapshot), 0);
	snapshot_clear(NULL);
}

TEST("each loss has a key and a meaning")
{
	CHECK_STRING(loss_key(LOSS_PROBE_MISSED), "probe_missed");
	for (int i = 0; i < LOSS_COUNT; i++) {
		CHECK(loss_key(i)[0] && loss_meaning(i)[0]);
		for (int other = 0; other < i; other++)
			CHECK(strcmp(loss_key(i), loss_key(other)));
	}
}
