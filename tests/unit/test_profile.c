/* Bucket lists and windows turned into records, with rates of 1 so that counts are plain to see. */
#include <math.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "limits.h"
#include "model/profile.h"

static const struct stack no_stack = { 0 };

struct fixture {
	struct profile *profile;
	struct snapshot snapshot;
};

static void fixture_clear(struct fixture *fixture)
{
	profile_free(fixture->profile);
	snapshot_clear(&fixture->snapshot);
}

static void fixture_open(struct fixture *fixture)
{
	snapshot_init(&fixture->snapshot);
	CHECK_INT(profile_new(&fixture->profile), 0);
}

static struct bucket bucket(uint64_t address, uint64_t allocs, uint64_t frees)
{
	return (struct bucket){ address, 16, &no_stack, "main.T", NULL, allocs, frees };
}

static void poll_list(struct fixture *fixture, enum mode mode, const struct bucket *buckets,
		      size_t count, const struct bucket_activity *activity, size_t activity_count)
{
	snapshot_clear(&fixture->snapshot);
	fixture->snapshot.mode = mode;
	CHECK_INT(profile_from_buckets(fixture->profile, buckets, count, activity, activity_count,
				       1, &fixture->snapshot),
		  0);
	CHECK_INT(fixture->snapshot.record_count, count);
}

TEST("the first list is the beginning: totals are known, nothing has happened yet")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket list[] = { bucket(0x100, 10, 4) };
	const struct record *record;

	fixture_open(&fixture);
	poll_list(&fixture, MODE_LIST, list, 1, NULL, 0);
	record = &fixture.snapshot.records[0];
	CHECK(fixture.snapshot.has_total && fixture.snapshot.has_live);
	CHECK_INT(record->id, 0x100);
	CHECK_STRING(record->type, "main.T");
	CHECK_INT(record->total.objects, 10);
	CHECK_INT(record->live.objects, 6);
	CHECK_INT(record->live.bytes, 96);
	CHECK_INT(record->begun.objects, 0);
	CHECK_INT(record->interval.objects, 0);
}

TEST("later lists count from the beginning and from the list before, in any order of buckets")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket first[] = { bucket(0x100, 10, 4), bucket(0x200, 1, 1) };
	struct bucket second[] = { bucket(0x200, 3, 1), bucket(0x100, 13, 9) };
	struct bucket third[] = { bucket(0x100, 20, 20), bucket(0x200, 3, 1) };

	fixture_open(&fixture);
	poll_list(&fixture, MODE_LIST, first, 2, NULL, 0);
	poll_list(&fixture, MODE_LIST, second, 2, NULL, 0);
	CHECK_INT(fixture.snapshot.records[0].begun.objects, 2);
	CHECK_INT(fixture.snapshot.records[1].interval.objects, 3);
	poll_list(&fixture, MODE_LIST, third, 2, NULL, 0);
	CHECK_INT(fixture.snapshot.records[0].begun.objects, 10);
	CHECK_INT(fixture.snapshot.records[0].interval.objects, 7);
	CHECK_INT(fixture.snapshot.records[0].live.objects, 0);
	CHECK_INT(fixture.snapshot.records[1].begun.objects, 2);
	CHECK_INT(fixture.snapshot.records[1].interval.objects, 0);
}

TEST("a bucket that appears later is new as a whole")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket list[] = { bucket(0x100, 10, 4), bucket(0x300, 5, 1) };

	fixture_open(&fixture);
	poll_list(&fixture, MODE_LIST, list, 1, NULL, 0);
	poll_list(&fixture, MODE_LIST, list, 2, NULL, 0);
	CHECK_INT(fixture.snapshot.records[1].begun.objects, 5);
	CHECK_INT(fixture.snapshot.records[1].interval.objects, 5);
}

TEST("records are scaled by the rate, intervals apart from totals")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket list[] = { bucket(0x100, 10, 4) };
	double weight = 1 / (1 - exp(-16.0 / 4096));

	fixture_open(&fixture);
	CHECK_INT(profile_from_buckets(fixture.profile, list, 1, NULL, 0, 4096, &fixture.snapshot),
		  0);
	list[0].allocs = 17;
	CHECK_INT(profile_from_buckets(fixture.profile, list, 1, NULL, 0, 4096, &fixture.snapshot),
		  0);
	CHECK_NEAR(fixture.snapshot.records[0].total.objects, 17 * weight, 1);
	CHECK_NEAR(fixture.snapshot.records[0].interval.objects, 7 * weight, 1);
	CHECK_NEAR(fixture.snapshot.records[0].live.objects, 13 * weight, 1);
}

TEST("ages come from the probes, and stay when those are detached")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket list[] = { bucket(0x100, 10, 4), bucket(0x200, 0, 0) };
	struct bucket_activity seen[] = { { .address = 0x100, .ages = { { 0, 3 } } },
					  { .address = 0x999, .ages = { { 7 } } } };

	fixture_open(&fixture);
	poll_list(&fixture, MODE_SAMPLER, list, 2, seen, 2);
	poll_list(&fixture, MODE_SAMPLER, list, 2, seen, 2);
	CHECK_INT(fixture.snapshot.records[0].ages.slots[1], 3);
	CHECK_INT(fixture.snapshot.records[1].ages.slots[1], 0);
	profile_probes_detached(fixture.profile);
	poll_list(&fixture, MODE_LIST, list, 2, NULL, 0);
	CHECK_INT(fixture.snapshot.records[0].ages.slots[1], 3);
	seen[0].ages.slots[1] = 2; /* attached again: from 0 */
	poll_list(&fixture, MODE_SAMPLER, list, 2, seen, 2);
	CHECK_INT(fixture.snapshot.records[0].ages.slots[1], 5);
}

static uint64_t missed(const struct fixture *fixture)
{
	return fixture->snapshot.losses[LOSS_PROBE_MISSED];
}

TEST("births that only the list has are losses, those that only the probes have are not")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket list[] = { bucket(0x100, 10, 0), bucket(0x200, 10, 0) };
	struct bucket_activity seen[] = { { .address = 0x100 }, { .address = 0x200 } };

	fixture_open(&fixture);
	poll_list(&fixture, MODE_SAMPLER, list, 2, NULL, 0);
	CHECK_INT(missed(&fixture), 0);
	list[0].allocs = 15;
	seen[0].births = 5;
	list[1].allocs = 12;
	seen[1].births = 4; /* two between the list and the probes' map */
	poll_list(&fixture, MODE_SAMPLER, list, 2, seen, 2);
	CHECK_INT(missed(&fixture), 0);
	list[0].allocs = 18; /* the other bucket's surplus must not hide these */
	poll_list(&fixture, MODE_SAMPLER, list, 2, seen, 2);
	CHECK_INT(missed(&fixture), 0); /* they may be on their way */
	poll_list(&fixture, MODE_SAMPLER, list, 2, seen, 2);
	CHECK_INT(missed(&fixture), 3);
}

TEST("a birth that the probes see a poll later than the list is no loss")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket list[] = { bucket(0x100, 10, 0) };
	struct bucket_activity seen[] = { { .address = 0x100 } };

	fixture_open(&fixture);
	poll_list(&fixture, MODE_SAMPLER, list, 1, seen, 1);
	for (int i = 0; i < 3; i++) { /* a different one is late each time */
		list[0].allocs += 2;
		seen[0].births = list[0].allocs - 11;
		poll_list(&fixture, MODE_SAMPLER, list, 1, seen, 1);
		seen[0].births++;
		poll_list(&fixture, MODE_SAMPLER, list, 1, seen, 1);
		CHECK_INT(missed(&fixture), 0);
	}
}

TEST("probes that see nothing at all are found out")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket list[] = { bucket(0x100, 10, 0), bucket(0x200, 2, 0) };

	fixture_open(&fixture);
	poll_list(&fixture, MODE_SAMPLER, list, 1, NULL, 0);
	list[0].allocs = 14;
	poll_list(&fixture, MODE_SAMPLER, list, 2, NULL, 0);
	poll_list(&fixture, MODE_SAMPLER, list, 2, NULL, 0);
	CHECK_INT(missed(&fixture), 6);
}

TEST("births while no probes are attached are no losses")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct bucket list[] = { bucket(0x100, 10, 0) };
	struct bucket_activity seen[] = { { .address = 0x100 } };

	fixture_open(&fixture);
	poll_list(&fixture, MODE_SAMPLER, list, 1, NULL, 0);
	list[0].allocs = 15;
	seen[0].births = 4;
	poll_list(&fixture, MODE_SAMPLER, list, 1, seen, 1);
	poll_list(&fixture, MODE_SAMPLER, list, 1, seen, 1);
	CHECK_INT(missed(&fixture), 1);
	profile_probes_detached(fixture.profile);
	list[0].allocs = 100;
	poll_list(&fixture, MODE_LIST, list, 1, NULL, 0);
	CHECK_INT(missed(&fixture), 1);
	list[0].allocs = 150;
	seen[0].births = 0;
	poll_list(&fixture, MODE_SAMPLER, list, 1, seen, 1);
	CHECK_INT(missed(&fixture), 1);
	list[0].allocs = 160;
	seen[0].births = 8;
	poll_list(&fixture, MODE_SAMPLER, list, 1, seen, 1);
	poll_list(&fixture, MODE_SAMPLER, list, 1, seen, 1);
	CHECK_INT(missed(&fixture), 3);
}

static void windows(struct fixture *fixture, const struct exact_site *sites, size_t count,
		    int64_t mallocs, int64_t bytes, double share)
{
	const struct window_interval interval = { .mallocs = mallocs,
						  .alloc_bytes = bytes,
						  .window_share = share };

	snapshot_clear(&fixture->snapshot);
	CHECK_INT(
		profile_from_windows(fixture->profile, sites, count, &interval, &fixture->snapshot),
		0);
}

TEST("windows are scaled so that both sums are the counters'")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct exact_site sites[] = {
		{ .id = 1, .object_bytes = 100, .stack = &no_stack, .type = "main.A", .hits = 30 },
		{ .id = 2, .object_bytes = 1000, .stack = &no_stack, .type = "main.B", .hits = 10 }
	};
	double objects = 0, bytes = 0;

	fixture_open(&fixture);
	windows(&fixture, sites, 2, 4000, 1300000, 0.5);
	CHECK(!fixture.snapshot.has_total && !fixture.snapshot.has_live);
	for (size_t i = 0; i < fixture.snapshot.record_count; i++) {
		objects += fixture.snapshot.records[i].interval.objects;
		bytes += fixture.snapshot.records[i].interval.bytes;
	}
	CHECK_NEAR(objects, 4000, 1e-6);
	CHECK_NEAR(bytes, 1300000, 1e-6);
	/* 30 of 40 hits; 3000 of 13000 hit bytes; each hit stands for 100 objects */
	CHECK_NEAR(fixture.snapshot.records[0].interval.objects, 3000, 1e-6);
	CHECK_NEAR(fixture.snapshot.records[0].interval.bytes, 300000, 1e-6);
	CHECK_NEAR(fixture.snapshot.records[0].interval.objects_variance, 8 * 30 * 100.0 * 100,
		   1e-6);
}

TEST("without counters windows are scaled by their share of the time")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct exact_site site = { .id = 1, .object_bytes = 100, .stack = &no_stack, .hits = 30 };

	fixture_open(&fixture);
	windows(&fixture, &site, 1, UNKNOWN, UNKNOWN, 0.25);
	CHECK_NEAR(fixture.snapshot.records[0].interval.objects, 120, 1e-9);
	CHECK_NEAR(fixture.snapshot.records[0].interval.bytes, 12000, 1e-9);
	windows(&fixture, &site, 1, UNKNOWN, UNKNOWN, 0);
	CHECK_NEAR(fixture.snapshot.records[0].interval.objects, 0, 0);
}

TEST("windows that saw everything are exact")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct exact_site site = { .id = 1, .object_bytes = 100, .stack = &no_stack, .hits = 30 };

	fixture_open(&fixture);
	windows(&fixture, &site, 1, 30, 3000, 1);
	CHECK(fixture.snapshot.records[0].interval.objects_variance == 0);
	CHECK(fixture.snapshot.records[0].interval.bytes_variance == 0);
}

TEST("sites keep their sum while they are not hit")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct exact_site first[] = {
		{ .id = 1, .object_bytes = 100, .stack = &no_stack, .hits = 1 },
		{ .id = 1, .object_bytes = 100, .stack = &no_stack, .hits = 1 }
	};
	struct exact_site second = { .id = 2, .object_bytes = 10, .stack = &no_stack, .hits = 1 };

	fixture_open(&fixture);
	windows(&fixture, first, 2, 2, 200, 1);
	CHECK_INT(fixture.snapshot.record_count, 1);
	CHECK_INT(fixture.snapshot.records[0].begun.objects, 2);
	windows(&fixture, &second, 1, 7, 70, 1);
	CHECK_INT(fixture.snapshot.record_count, 2);
	CHECK_INT(fixture.snapshot.records[0].begun.objects, 2);
	CHECK_INT(fixture.snapshot.records[0].interval.objects, 0);
	CHECK_INT(fixture.snapshot.records[1].begun.objects, 7);
	windows(&fixture, NULL, 0, 100, 1000, 1);
	CHECK_INT(fixture.snapshot.records[1].begun.objects, 7);
	CHECK_INT(fixture.snapshot.records[1].interval.objects, 0);
}

TEST("hits of sites beyond the limit are a loss")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct exact_site *sites AUTO_FREE = calloc(LIMIT_WINDOW_SITES + 5, sizeof(*sites));

	for (size_t i = 0; i < LIMIT_WINDOW_SITES + 5; i++)
		sites[i] = (struct exact_site){
			.id = i, .object_bytes = 8, .stack = &no_stack, .hits = 2
		};
	fixture_open(&fixture);
	windows(&fixture, sites, LIMIT_WINDOW_SITES + 5, UNKNOWN, UNKNOWN, 1);
	CHECK_INT(fixture.snapshot.record_count, LIMIT_WINDOW_SITES);
	CHECK_INT(fixture.snapshot.losses[LOSS_SITE_MAP_FULL], 10);
}

static void exact(struct fixture *fixture, const struct exact_site *sites, size_t count)
{
	snapshot_clear(&fixture->snapshot);
	fixture->snapshot.mode = MODE_EXACT;
	CHECK_INT(profile_from_exact(fixture->profile, sites, count, &fixture->snapshot), 0);
}

TEST("exact hits stand for themselves, since the beginning and in the interval")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct exact_site sites[] = {
		{ .id = 1, .object_bytes = 100, .stack = &no_stack, .hits = 30 },
		{ .id = 2, .object_bytes = 8, .stack = &no_stack, .hits = 4 }
	};
	const struct record *records;

	fixture_open(&fixture);
	exact(&fixture, sites, 1);
	CHECK_INT(fixture.snapshot.records[0].interval.objects, 30);
	sites[0].hits = 37;
	exact(&fixture, sites, 2);
	CHECK_INT(fixture.snapshot.record_count, 2);
	CHECK(!fixture.snapshot.has_live && !fixture.snapshot.has_total);
	records = fixture.snapshot.records;
	CHECK_INT(records[0].begun.objects, 37);
	CHECK_INT(records[0].begun.bytes, 3700);
	CHECK_INT(records[0].interval.objects, 7);
	CHECK_INT(records[0].interval.bytes, 700);
	CHECK_INT(records[1].interval.bytes, 32);
	CHECK(records[0].begun.objects_variance == 0 && records[0].begun.bytes_variance == 0);
	exact(&fixture, sites, 2);
	CHECK_INT(fixture.snapshot.records[1].begun.objects, 4);
	CHECK_INT(fixture.snapshot.records[1].interval.objects, 0);
}

TEST("exact hits of several sizes bring their own bytes")
{
	CLEANUP(fixture_clear) struct fixture fixture = { 0 };
	struct exact_site beyond = { .id = 1,
				     .stack = &no_stack,
				     .type = "(beyond the map)",
				     .hits = 3,
				     .extra_bytes = 50 };

	fixture_open(&fixture);
	exact(&fixture, &beyond, 1);
	beyond.hits = 5;
	beyond.extra_bytes = 8242;
	exact(&fixture, &beyond, 1);
	CHECK_INT(fixture.snapshot.records[0].begun.bytes, 8242);
	CHECK_INT(fixture.snapshot.records[0].interval.bytes, 8192);
	CHECK_INT(fixture.snapshot.records[0].interval.objects, 2);
}
