/* Growth since a baseline: both ways, new rows, and what is too short to be compared. */
#include "judge/regression.h"

#include "base/cleanup.h"
#include "unit/judge_fixture.h"

DEFINE_CLEANUP(cleanup_comparison, struct comparison, comparison_free)

static void free_judged(struct judged **judged)
{
	free(*judged);
}

/* `factor` of bytes and objects, and a little noise that is no chance. */
static void add_side(struct comparison *comparison, int side, double factor, int snapshots)
{
	for (int i = 0; i < snapshots; i++) {
		struct snapshot snapshot;

		snapshot_init(&snapshot);
		fixture_fill(i, &snapshot);
		factor *= i % 2 ? 1.001 : 1 / 1.001;
		snapshot.heap.alloc_bytes_per_s *= factor;
		snapshot.heap.allocs_per_s *= factor;
		for (size_t site = 0; site < snapshot.record_count; site++)
			snapshot.records[site].interval = fixture_amount(1000 * factor, 256);
		CHECK_INT(comparison_add(comparison, side, &snapshot), 0);
		snapshot_clear(&snapshot);
	}
}

static const struct judged *find(const struct judged *judged, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(judged[i].name, name))
			return &judged[i];
	CHECK_STRING("nothing", name);
	return NULL;
}

static size_t compare(double factor, int snapshots, struct comparison **comparison,
		      struct judged **ret)
{
	size_t count;

	CHECK_INT(comparison_new(grouping_find("site"), VALUE_ALLOC_SPACE, NULL, 0.01, comparison),
		  0);
	add_side(*comparison, BEFORE, 1, 60);
	add_side(*comparison, AFTER, factor, snapshots);
	CHECK_INT(comparison_finish(*comparison), 0);
	CHECK_INT(regression_judge(*comparison, 0.05, true, ret, &count), 0);
	return count;
}

TEST("twice the allocation breaks the totals and the sites, with those that grew as places")
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
	CLEANUP(free_judged) struct judged *judged = NULL;
	size_t count = compare(2, 60, &comparison, &judged);
	const struct judged *bytes = find(judged, count, "alloc_bytes");

	CHECK_INT(bytes->answer, LIMIT_BROKEN);
	CHECK(bytes->number.value > 0.95 && bytes->number.value < 1.05);
	CHECK_INT(bytes->place_count, FIXTURE_RECORDS);
	CHECK_INT(find(judged, count, "main.fill")->answer, LIMIT_BROKEN);
	CHECK_INT(find(judged, count, "rss")->answer, LIMIT_KEPT);
}

TEST("the same, and half of it, keep every limit")
{
	for (double factor = 1; factor >= 0.5; factor /= 2) {
		CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
		CLEANUP(free_judged) struct judged *judged = NULL;
		size_t count = compare(factor, 60, &comparison, &judged);

		for (size_t i = 0; i < count; i++)
			CHECK_INT(judged[i].answer, LIMIT_KEPT);
	}
}

TEST("too few intervals of a side are refused alone, with how many are needed")
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
	CLEANUP(free_judged) struct judged *judged = NULL;

	CHECK_INT(compare(2, 4, &comparison, &judged), 1);
	CHECK_INT(judged->answer, LIMIT_REFUSED);
	CHECK(strstr(judged->why, "3 intervals") && strstr(judged->why, "6 are needed"));
}

static void add_heap(struct comparison *comparison, int side, double factor)
{
	for (int i = 0; i < 60; i++) {
		struct snapshot snapshot;

		snapshot_init(&snapshot);
		fixture_fill(i, &snapshot);
		snapshot.heap.inuse_bytes =
			(int64_t)(factor * (100e6 + 1e4 * (i * 7919 % 61) + 1e3 * (i % 7)));
		CHECK_INT(comparison_add(comparison, side, &snapshot), 0);
		snapshot_clear(&snapshot);
	}
}

static const struct compared_total *heap_of(const struct comparison *comparison)
{
	size_t count;
	const struct compared_total *totals = comparison_totals(comparison, &count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(totals[i].total->name, "heap_inuse"))
			return &totals[i];
	return NULL;
}

TEST("a sure difference below the floor does not count, and it is said that this is why")
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
	CLEANUP(free_judged) struct judged *judged = NULL;
	const struct compared_total *heap;
	const struct judged *limit;
	size_t count;

	CHECK_INT(comparison_new(grouping_find("site"), VALUE_ALLOC_SPACE, NULL, 0.01, &comparison),
		  0);
	add_heap(comparison, BEFORE, 1);
	add_heap(comparison, AFTER, 1.04);
	CHECK_INT(comparison_finish(comparison), 0);
	heap = heap_of(comparison);
	CHECK_NEAR(heap->test.floor, 0.05, 1e-12);
	CHECK(heap->test.within_floor);
	CHECK_INT(heap->change, CHANGE_SAME);
	CHECK_INT(regression_judge(comparison, 0.02, false, &judged, &count), 0);
	limit = find(judged, count, "heap_inuse");
	CHECK_INT(limit->answer, LIMIT_UNDECIDED);
	CHECK_STRING(limit->why, "differences of less than 5.00% of it are not judged");
}

TEST("a sure difference above the floor counts")
{
	CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
	const struct compared_total *heap;

	CHECK_INT(comparison_new(grouping_find("site"), VALUE_ALLOC_SPACE, NULL, 0.01, &comparison),
		  0);
	add_heap(comparison, BEFORE, 1);
	add_heap(comparison, AFTER, 1.08);
	CHECK_INT(comparison_finish(comparison), 0);
	heap = heap_of(comparison);
	CHECK(!heap->test.within_floor);
	CHECK_INT(heap->change, CHANGE_GROWN);
}

TEST("numbers of rows are as sure as the worst of the modes that these were got by")
{
	struct side before = { .modes = { [MODE_COUNTERS] = true } }, after = before;

	CHECK_INT(side_kind(&before, &after), NUMBER_EXACT);
	after.modes[MODE_LIST] = true;
	CHECK_INT(side_kind(&before, &after), NUMBER_SAMPLED);
	before.modes[MODE_WINDOWS] = true;
	CHECK_INT(side_kind(&before, &after), NUMBER_ESTIMATED);
}
