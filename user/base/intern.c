/* String interning over uthash. */
#include "base/intern.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "limits.h"

struct entry {
	UT_hash_handle hh;
	char text[];
};

struct intern {
	struct entry *entries;
	size_t bytes;
};

int intern_new(struct intern **ret)
{
	struct intern *intern = calloc(1, sizeof(*intern));

	if (!intern)
		return -ENOMEM;
	*ret = intern;
	return 0;
}

void intern_free(struct intern *intern)
{
	struct entry *entry, *next;

	if (!intern)
		return;
	HASH_ITER (hh, intern->entries, entry, next) {
		HASH_DEL(intern->entries, entry);
		free(entry);
	}
	free(intern);
}

const char *intern_bytes(struct intern *intern, const char *text, size_t length)
{
	struct entry *entry;

	HASH_FIND(hh, intern->entries, text, length, entry);
	if (entry)
		return entry->text;
	if (length > LIMIT_STRINGS_BYTES - intern->bytes)
		return NULL;
	entry = malloc(sizeof(*entry) + length + 1);
	if (!entry)
		return NULL;
	memcpy(entry->text, text, length);
	entry->text[length] = 0;
	entry->hh.tbl = NULL;
	HASH_ADD_KEYPTR(hh, intern->entries, entry->text, length, entry);
	if (!entry->hh.tbl) { /* uthash could not grow */
		free(entry);
		return NULL;
	}
	intern->bytes += length;
	return entry->text;
}

const char *intern_string(struct intern *intern, const char *text)
{
	return intern_bytes(intern, text, strlen(text));
}
