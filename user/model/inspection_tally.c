/* A hash from interned names to row numbers. */
#define HASH_NONFATAL_OOM 1
#include "model/inspection_tally.h"

#include <stdlib.h>
#include <uthash.h>

struct known {
	UT_hash_handle hh;
	const char *name;
	size_t index;
};

struct inspection_tally {
	struct inspection_section *section;
	struct known *known;
};

struct inspection_tally *inspection_tally_new(struct inspection_section *section)
{
	struct inspection_tally *tally = calloc(1, sizeof(*tally));

	if (tally)
		tally->section = section;
	return tally;
}

void inspection_tally_free(struct inspection_tally *tally)
{
	struct known *known, *next;

	if (!tally)
		return;
	HASH_ITER (hh, tally->known, known, next) {
		HASH_DEL(tally->known, known);
		free(known);
	}
	free(tally);
}

static struct known *add(struct inspection_tally *tally, const char *name)
{
	struct inspection_row row = { .name = name };
	struct known *known = calloc(1, sizeof(*known));

	if (!known || inspection_add(tally->section, &row) < 0) {
		free(known);
		return NULL;
	}
	known->name = name;
	known->index = tally->section->count - 1;
	HASH_ADD_PTR(tally->known, name, known);
	if (!known->hh.tbl) { /* uthash could not grow */
		free(known);
		return NULL;
	}
	return known;
}

struct inspection_row *inspection_tally_row(struct inspection_tally *tally, const char *name)
{
	struct known *known;

	HASH_FIND_PTR(tally->known, &name, known);
	if (!known)
		known = add(tally, name);
	return known ? &tally->section->items[known->index] : NULL;
}
