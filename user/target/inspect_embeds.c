/* Embedded files with their sizes, and which of them are there more than once. */
#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "target/embedded_files.h"
#include "target/inspect_internal.h"

enum { EMBED_BYTES, EMBED_COPIES, EMBED_STORED, EMBED_VARIABLE, EMBED_HASH };

static const struct inspection_shape embeds_shape = {
	.key = "embeds",
	.title = "embedded files",
	.name = "file",
	.measure = EMBED_BYTES,
	.columns = { { "size_bytes", "size", INSPECTION_BYTES, true, false },
		     { "copies", "copies", INSPECTION_COUNT, false, false },
		     { "stored_bytes", "stored", INSPECTION_BYTES, true, false },
		     { "variable", "variable", INSPECTION_TEXT, false, false },
		     { "hash", "hash", INSPECTION_TEXT, false, true } },
};

struct content {
	UT_hash_handle hh;
	const char *hash; /* interned */
	uint64_t address; /* where it is stored */
	double copies;
};

struct collection {
	struct inspector *inspector;
	struct inspection_section *section;
	struct content *contents;
	uint64_t list; /* of the file before */
	const char *list_name;
	int error;
};

static const char *hash_text(struct inspector *inspector, const struct embedded_file *file)
{
	char text[2 * EMBEDDED_HASH_BYTES + 1];

	for (size_t i = 0; i < EMBEDDED_HASH_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", file->hash[i]);
	return intern_string(inspector->intern, text);
}

/* The list's symbol is that of the embed.FS variable and ".files"; without symbols its address is
 * all there is. */
static const char *variable_name(struct inspector *inspector, uint64_t list)
{
	struct elf_symbols symbols = elf_image_symbols(inspector->image);
	struct elf_symbol symbol;
	char text[32];

	while (elf_symbols_next(&symbols, &symbol)) {
		size_t length = strlen(symbol.name);

		if (symbol.address == list && !symbol.function && length > 6 &&
		    !strcmp(symbol.name + length - 6, ".files"))
			return intern_bytes(inspector->intern, symbol.name, length - 6);
	}
	snprintf(text, sizeof(text), "0x%" PRIx64, list);
	return intern_string(inspector->intern, text);
}

/* Counts the copy; *ret_stored: its bytes are not those of one before. NULL without memory. */
static struct content *count_content(struct collection *collection, const char *hash,
				     uint64_t address, bool *ret_stored)
{
	struct content *content;

	HASH_FIND_PTR(collection->contents, &hash, content);
	*ret_stored = !content || content->address != address;
	if (!content) {
		content = calloc(1, sizeof(*content));
		if (!content)
			return NULL;
		content->hash = hash;
		content->address = address;
		HASH_ADD_PTR(collection->contents, hash, content);
		if (!content->hh.tbl) { /* uthash could not grow */
			free(content);
			return NULL;
		}
	}
	content->copies++;
	return content;
}

/* Files of one list come one after the other: its name is looked up once. */
static const char *list_name(struct collection *collection, uint64_t list)
{
	if (!collection->list_name || collection->list != list)
		collection->list_name = variable_name(collection->inspector, list);
	collection->list = list;
	return collection->list_name;
}

static bool add_file(void *context, const struct embedded_file *file)
{
	struct collection *collection = context;
	struct inspector *inspector = collection->inspector;
	const char *hash = hash_text(inspector, file);
	const char *name =
		intern_bytes(inspector->intern, (const char *)file->name.data, file->name.length);
	bool stored;
	struct inspection_row row = { .name = name };

	collection->error = -ENOMEM;
	if (!hash || !name || !count_content(collection, hash, file->address, &stored))
		return false;
	row.values[EMBED_BYTES].number = (double)file->bytes.length;
	row.values[EMBED_STORED].number = stored ? (double)file->bytes.length : 0;
	row.values[EMBED_VARIABLE] = inspection_text(list_name(collection, file->list));
	row.values[EMBED_HASH] = inspection_text(hash);
	collection->error = inspection_add(collection->section, &row);
	return collection->error == 0;
}

static void count_copies(struct collection *collection)
{
	for (size_t i = 0; i < collection->section->count; i++) {
		struct inspection_row *row = &collection->section->items[i];
		struct content *content;

		HASH_FIND_PTR(collection->contents, &row->values[EMBED_HASH].text, content);
		row->values[EMBED_COPIES].number = content ? content->copies : NAN;
	}
}

static void forget_contents(struct collection *collection)
{
	struct content *content, *next;

	HASH_ITER (hh, collection->contents, content, next) {
		HASH_DEL(collection->contents, content);
		free(content);
	}
}

static int read_embeds(struct inspector *inspector, struct inspection_section *section)
{
	struct collection collection = { .inspector = inspector, .section = section };

	bool whole =
		embedded_files_walk(inspector->image, inspector->memory, add_file, &collection);

	if (collection.error == 0)
		count_copies(&collection);
	forget_contents(&collection);
	inspection_note(section,
			"those of embed.FS variables, each proved by its hash; a string or []byte "
			"with go:embed looks like any other variable and is not listed");
	if (!whole)
		inspection_note(section,
				"not all were looked at: their contents are more than %d times the "
				"whole file, as no compiler makes it",
				EMBEDDED_HASHED_TIMES);
	return collection.error;
}

const struct inspect_reader inspect_embeds = { &embeds_shape, false, read_embeds };
