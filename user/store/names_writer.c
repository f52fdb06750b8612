/* Content is what counts, not pointers: a process that was restarted has other strings that say the
 * same. */
#include "store/names_writer.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "model/unknown.h"

/* A key of any content and its number in the table. */
struct entry {
	UT_hash_handle hh;
	int64_t id;
	char key[];
};

struct names_writer {
	const struct database *database;
	sqlite3_stmt *insert_string, *insert_frame, *insert_stack;
	struct entry *strings, *frames, *stacks, *lists;
};

static void free_entries(struct entry **table)
{
	struct entry *entry, *next;

	HASH_ITER (hh, *table, entry, next) {
		HASH_DEL(*table, entry);
		free(entry);
	}
}

void names_writer_free(struct names_writer *names)
{
	if (!names)
		return;
	sqlite3_finalize(names->insert_string);
	sqlite3_finalize(names->insert_frame);
	sqlite3_finalize(names->insert_stack);
	free_entries(&names->strings);
	free_entries(&names->frames);
	free_entries(&names->stacks);
	free_entries(&names->lists);
	free(names);
}
DEFINE_CLEANUP(cleanup_names, struct names_writer, names_writer_free)

int names_writer_new(const struct database *database, struct names_writer **ret)
{
	CLEANUP(cleanup_names) struct names_writer *names = calloc(1, sizeof(*names));
	int error;

	if (!names)
		return -ENOMEM;
	names->database = database;
	error = database_prepare(database, "INSERT INTO strings VALUES (?, ?)",
				 &names->insert_string);
	if (error == 0)
		error = database_prepare(database,
					 "INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
					 &names->insert_frame);
	if (error == 0)
		error = database_prepare(database, "INSERT INTO stacks VALUES (?, ?, ?)",
					 &names->insert_stack);
	if (error == 0)
		*ret = TAKE(names);
	return error;
}

/* The key's number, a new one when *ret_new. */
static int number(struct entry **table, const void *key, size_t size, int64_t *ret_id,
		  bool *ret_new)
{
	struct entry *entry;

	HASH_FIND(hh, *table, key, size, entry);
	*ret_new = !entry;
	if (!entry) {
		entry = malloc(sizeof(*entry) + size);
		if (!entry)
			return -ENOMEM;
		memcpy(entry->key, key, size);
		entry->id = (int64_t)HASH_COUNT(*table) + 1;
		entry->hh.tbl = NULL;
		HASH_ADD_KEYPTR(hh, *table, entry->key, size, entry);
		if (!entry->hh.tbl) { /* uthash could not grow */
			free(entry);
			return -ENOMEM;
		}
	}
	*ret_id = entry->id;
	return 0;
}

int names_string(struct names_writer *names, const char *text, int64_t *ret_id)
{
	bool is_new;
	int error;

	*ret_id = UNKNOWN;
	if (!text)
		return 0;
	error = number(&names->strings, text, strlen(text), ret_id, &is_new);
	if (error < 0 || !is_new)
		return error;
	sqlite3_bind_int64(names->insert_string, 1, *ret_id);
	sqlite3_bind_text(names->insert_string, 2, text, -1, SQLITE_STATIC);
	return statement_run(names->database, names->insert_string);
}

/* All members are of 64 bits: no padding that could differ. */
struct frame_key {
	int64_t function, file, line, start_line, address, inlined, entry;
};

static int frame_number(struct names_writer *names, const struct frame *frame, int64_t *ret_id)
{
	struct frame_key key = { .line = frame->line,
				 .start_line = frame->start_line,
				 .address = (int64_t)frame->address,
				 .inlined = frame->inlined,
				 .entry = frame->entry ? (int64_t)frame->entry : UNKNOWN };
	sqlite3_stmt *insert = names->insert_frame;
	bool is_new;
	int error = names_string(names, frame->function, &key.function);

	if (error == 0)
		error = names_string(names, frame->file, &key.file);
	if (error == 0)
		error = number(&names->frames, &key, sizeof(key), ret_id, &is_new);
	if (error < 0 || !is_new)
		return error;
	sqlite3_bind_int64(insert, 1, *ret_id);
	sqlite3_bind_int64(insert, 2, key.function);
	sqlite3_bind_int64(insert, 3, key.file);
	sqlite3_bind_int64(insert, 4, key.line);
	sqlite3_bind_int64(insert, 5, key.start_line);
	sqlite3_bind_int64(insert, 6, key.address);
	sqlite3_bind_int64(insert, 7, key.inlined);
	bind_integer(insert, 8, key.entry);
	return statement_run(names->database, insert);
}

static int write_stack(struct names_writer *names, int64_t stack, const int64_t *frames,
		       uint32_t count)
{
	int error = 0;

	for (uint32_t i = 0; i < count && error == 0; i++) {
		sqlite3_bind_int64(names->insert_stack, 1, stack);
		sqlite3_bind_int64(names->insert_stack, 2, i);
		sqlite3_bind_int64(names->insert_stack, 3, frames[i]);
		error = statement_run(names->database, names->insert_stack);
	}
	return error;
}

int names_stack(struct names_writer *names, const struct stack *stack, int64_t *ret_id)
{
	uint32_t count = stack ? stack->count : 0;
	AUTO_FREE int64_t *frames = calloc(count + 1, sizeof(*frames));
	bool is_new = false;
	int error = frames ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < count && error == 0; i++)
		error = frame_number(names, &stack->frames[i], &frames[i]);
	/* one more than there are, so that the key of no frames is not empty */
	if (error == 0)
		error = number(&names->stacks, frames, (count + 1) * sizeof(*frames), ret_id,
			       &is_new);
	return error < 0 || !is_new ? error : write_stack(names, *ret_id, frames, count);
}

int names_list(struct names_writer *names, const int64_t *numbers, size_t count, int64_t *ret_id,
	       bool *ret_new)
{
	return number(&names->lists, numbers, count * sizeof(*numbers), ret_id, ret_new);
}
