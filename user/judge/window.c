/* A hash from record to what it had begun with. */
#include "judge/window.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "model/metadata.h"

struct base {
	UT_hash_handle hh;
	uint64_t id; /* of the record */
	struct amount begun;
};

struct window {
	struct base *bases;
};

DEFINE_CLEANUP(cleanup_window, struct window, window_free)

static int add_base(struct window *window, const struct record *record)
{
	struct base *base = calloc(1, sizeof(*base));

	if (!base)
		return -ENOMEM;
	base->id = record->id;
	base->begun = record->begun;
	HASH_ADD(hh, window->bases, id, sizeof(base->id), base);
	if (!base->hh.tbl) { /* uthash could not grow */
		free(base);
		return -ENOMEM;
	}
	return 0;
}

int window_new(const struct snapshot *first, struct window **ret)
{
	CLEANUP(cleanup_window) struct window *window = NULL;

	*ret = NULL;
	if (!(first->interval_s > 0))
		return 0;
	window = calloc(1, sizeof(*window));
	if (!window)
		return -ENOMEM;
	for (size_t i = 0; i < first->record_count; i++)
		if (add_base(window, &first->records[i]) < 0)
			return -ENOMEM;
	*ret = TAKE(window);
	return 0;
}

void window_free(struct window *window)
{
	struct base *base, *next;

	if (!window)
		return;
	HASH_ITER (hh, window->bases, base, next) {
		HASH_DEL(window->bases, base);
		free(base);
	}
	free(window);
}

void window_apply(const struct window *window, struct snapshot *snapshot)
{
	if (!window)
		return;
	for (size_t i = 0; i < snapshot->record_count; i++) {
		struct record *record = &snapshot->records[i];
		struct base *base;

		HASH_FIND(hh, window->bases, &record->id, sizeof(record->id), base);
		if (base)
			amount_subtract(&record->begun, &base->begun);
	}
	metadata_fill(snapshot);
}
