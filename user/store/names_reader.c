/* What a recording calls by number, made again. Numbers that lead nowhere are damage. */
#include "store/names_reader.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "base/intern.h"
#include "base/vec.h"
#include "limits.h"
#include "model/unknown.h"

struct read_stack {
	UT_hash_handle hh;
	int64_t id;
	struct stack stack; /* ends with its frames */
};

struct names_reader {
	const struct database *database;
	struct intern *intern;
	sqlite3_stmt *string, *frames;
	struct read_stack *stacks;
};

void names_reader_free(struct names_reader *names)
{
	struct read_stack *stack, *next;

	if (!names)
		return;
	HASH_ITER (hh, names->stacks, stack, next) {
		HASH_DEL(names->stacks, stack);
		free(stack);
	}
	sqlite3_finalize(names->string);
	sqlite3_finalize(names->frames);
	intern_free(names->intern);
	free(names);
}
DEFINE_CLEANUP(cleanup_names, struct names_reader, names_reader_free)

int names_reader_new(const struct database *database, struct names_reader **ret)
{
	CLEANUP(cleanup_names) struct names_reader *names = calloc(1, sizeof(*names));
	int error;

	if (!names || intern_new(&names->intern) < 0)
		return -ENOMEM;
	names->database = database;
	error = database_prepare(database, "SELECT text FROM strings WHERE id = ?", &names->string);
	if (error == 0)
		error = database_prepare(
			database,
			"SELECT function.text, file.text, line, start_line, address, inlined, "
			"entry "
			"FROM stacks JOIN frames ON frames.id = stacks.frame "
			"LEFT JOIN strings function ON function.id = frames.function "
			"LEFT JOIN strings file ON file.id = frames.file "
			"WHERE stack = ? ORDER BY depth",
			&names->frames);
	if (error == 0)
		*ret = TAKE(names);
	return error;
}

int names_keep(struct names_reader *names, const char *text, const char **ret)
{
	*ret = text ? intern_string(names->intern, text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

/* A text in a column, as the database has it; one that is not there is damage. */
static int keep_column(struct names_reader *names, sqlite3_stmt *statement, int at,
		       const char **ret)
{
	const char *text = (const char *)sqlite3_column_text(statement, at);

	return text ? names_keep(names, text, ret) : -EBADMSG;
}

int names_read_string(struct names_reader *names, int64_t id, const char **ret)
{
	int result;

	*ret = NULL;
	if (id == UNKNOWN)
		return 0;
	sqlite3_bind_int64(names->string, 1, id);
	result = statement_next(names->database, names->string);
	if (result == 1)
		result = keep_column(names, names->string, 0, ret);
	else if (result == 0)
		result = -EBADMSG;
	sqlite3_reset(names->string);
	return result;
}

struct frames {
	struct names_reader *names;
	struct frame *items;
	size_t count, capacity;
};

static int take_frame(sqlite3_stmt *row, void *context)
{
	struct frames *frames = context;
	struct names_reader *names = frames->names;
	struct frame frame = {
		.line = (uint32_t)sqlite3_column_int64(row, 2),
		.start_line = (uint32_t)sqlite3_column_int64(row, 3),
		.address = (uint64_t)sqlite3_column_int64(row, 4),
		.inlined = sqlite3_column_int(row, 5) != 0,
		.entry = (uint64_t)sqlite3_column_int64(row, 6), /* NULL is 0: not known */
	};
	int error = keep_column(names, row, 0, &frame.function);

	if (error == 0)
		error = keep_column(names, row, 1, &frame.file);
	if (error == 0)
		error = VEC_RESERVE(frames, frames->count + 1, LIMIT_STACK_FRAMES);
	if (error == 0)
		frames->items[frames->count++] = frame;
	return error == -E2BIG ? -EBADMSG : error;
}

static int make_stack(struct names_reader *names, int64_t id, const struct frames *frames,
		      struct read_stack **ret)
{
	size_t bytes = frames->count * sizeof(*frames->items);
	struct read_stack *made = calloc(1, sizeof(*made) + bytes);

	if (!made)
		return -ENOMEM;
	made->id = id;
	made->stack.count = (uint32_t)frames->count;
	if (bytes)
		memcpy(made->stack.frames, frames->items, bytes);
	HASH_ADD(hh, names->stacks, id, sizeof(made->id), made);
	if (!made->hh.tbl) { /* uthash could not grow */
		free(made);
		return -ENOMEM;
	}
	*ret = made;
	return 0;
}

int names_read_stack(struct names_reader *names, int64_t id, const struct stack **ret)
{
	struct frames frames = { .names = names };
	AUTO_FREE struct frame *items = NULL;
	struct read_stack *known;
	int error;

	HASH_FIND(hh, names->stacks, &id, sizeof(id), known);
	if (!known) {
		error = statement_each(names->database, names->frames, id, take_frame, &frames);
		items = frames.items;
		if (error == 0)
			error = make_stack(names, id, &frames, &known);
		if (error < 0)
			return error;
	}
	*ret = &known->stack;
	return 0;
}
