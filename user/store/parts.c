/* What changes seldom, and what follows from what: the state that writer and reader share. */
#include "store/parts.h"

#include <string.h>

#define PAGE_BYTES 8192 /* of Go's heap, on every architecture */

void parts_begin(struct parts_state *state)
{
	struct snapshot none;

	snapshot_init(&none);
	memset(state, 0, sizeof(*state));
	memcpy(state->classes, none.classes, sizeof(state->classes));
	governor_state_init(&state->governor);
}

int64_t class_bytes(int class, int64_t count)
{
	return class == 0 || count == UNKNOWN
		       ? UNKNOWN
		       : (int64_t)((uint64_t)count * size_class_bytes[class]);
}

int64_t class_waste(int class, const struct size_class *counts)
{
	uint64_t used, held;

	if (class == 0 || counts->spans == UNKNOWN || counts->mallocs == UNKNOWN ||
	    counts->frees == UNKNOWN)
		return UNKNOWN;
	held = (uint64_t)counts->spans * size_class_pages[class] * PAGE_BYTES;
	used = ((uint64_t)counts->mallocs - (uint64_t)counts->frees) * size_class_bytes[class];
	return (int64_t)(held - used);
}

static bool follows(const struct parts_state *state, uint32_t from, const struct memstats *memstats)
{
	uint32_t common = state->pause_count - from;
	size_t bytes = common * sizeof(int64_t);

	return common <= memstats->pause_count &&
	       !memcmp(state->pause_ns + from, memstats->pause_ns, bytes) &&
	       !memcmp(state->pause_end_unix_ns + from, memstats->pause_end_unix_ns, bytes);
}

/* The longest end of the old list that the new one begins with is what they have in common. */
uint32_t pauses_new(const struct parts_state *state, const struct memstats *memstats)
{
	uint32_t from = 0;

	while (!follows(state, from, memstats))
		from++;
	return memstats->pause_count - (state->pause_count - from);
}

void pauses_add(struct parts_state *state, int64_t pause_ns, int64_t end_unix_ns)
{
	const size_t kept = sizeof(state->pause_ns) - sizeof(*state->pause_ns);

	if (state->pause_count == MEMSTATS_PAUSES) {
		memmove(state->pause_ns, state->pause_ns + 1, kept);
		memmove(state->pause_end_unix_ns, state->pause_end_unix_ns + 1, kept);
		state->pause_count--;
	}
	state->pause_ns[state->pause_count] = pause_ns;
	state->pause_end_unix_ns[state->pause_count++] = end_unix_ns;
}

void parts_finalize(struct part_statements *statements)
{
	for (int i = 0; i < PART_COUNT; i++)
		sqlite3_finalize(statements->statements[i]);
	memset(statements, 0, sizeof(*statements));
}
