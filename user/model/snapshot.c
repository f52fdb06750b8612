/* Empty snapshots, and the names of what they hold. */
#include "model/snapshot.h"

#include <math.h>
#include <stdlib.h>

void snapshot_init(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){
		.time_unix_ns = UNKNOWN,
		.interval_s = NAN,
		.elapsed_s = NAN,
		.pid = (int32_t)UNKNOWN,
		.sampling_rate_bytes = NAN,
		.heap = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, NAN, NAN },
		.gc = { UNKNOWN, UNKNOWN, UNKNOWN, NAN, NAN },
		.rss = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
		.types = { UNKNOWN, UNKNOWN, UNKNOWN, NAN },
		.cost = { UNKNOWN, NAN, NAN, NAN, NAN, UNKNOWN },
	};
}

void snapshot_clear(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	free(snapshot->records);
	snapshot_init(snapshot);
}

uint64_t snapshot_losses(const struct snapshot *snapshot)
{
	uint64_t sum = 0;

	for (int i = 0; i < LOSS_COUNT; i++)
		sum += snapshot->losses[i];
	return sum;
}

const char *mode_name(enum mode mode)
{
	static const char *const names[MODE_COUNT] = {
		[MODE_COUNTERS] = "counters",
		[MODE_SAMPLER] = "sampler",
		[MODE_LIST] = "list",
		[MODE_WINDOWS] = "burst",
	};

	return names[mode];
}

const char *loss_key(enum loss loss)
{
#define KEY(symbol, key, meaning) key,
	static const char *const keys[LOSS_COUNT] = { LOSS_REASONS(KEY) };
#undef KEY
	return keys[loss];
}

const char *loss_meaning(enum loss loss)
{
#define MEANING(symbol, key, meaning) meaning,
	static const char *const meanings[LOSS_COUNT] = { LOSS_REASONS(MEANING) };
#undef MEANING
	return meanings[loss];
}
