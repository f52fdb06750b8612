/* Each list is made once, when a process of it is first asked for. */
#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <string.h>
#include <uthash.h>

#include "base/vec.h"
#include "limits.h"
#include "model/unknown.h"
#include "store/generics.h"

struct argument_list {
	UT_hash_handle hh;
	int64_t id;
	struct names_reader *names; /* borrowed */
	const char **items;
	size_t count, capacity;
};

struct function_list {
	UT_hash_handle hh;
	int64_t id;
	struct generics_reader *reader; /* that it belongs to */
	struct generic_function *items;
	size_t count, capacity;
	struct generics generics;
};

struct generics_reader {
	const struct database *database;
	struct names_reader *names;
	sqlite3_stmt *process, *functions, *arguments;
	struct function_list *function_lists;
	struct argument_list *argument_lists;
};

static void free_functions(struct function_list *list)
{
	if (list)
		free(list->items);
	free(list);
}
DEFINE_CLEANUP(cleanup_functions, struct function_list, free_functions)

static void free_arguments(struct argument_list *list)
{
	if (list)
		free(list->items);
	free(list);
}
DEFINE_CLEANUP(cleanup_arguments, struct argument_list, free_arguments)

void generics_reader_free(struct generics_reader *reader)
{
	struct function_list *functions, *next_functions;
	struct argument_list *arguments, *next_arguments;

	if (!reader)
		return;
	HASH_ITER (hh, reader->function_lists, functions, next_functions) {
		HASH_DEL(reader->function_lists, functions);
		free_functions(functions);
	}
	HASH_ITER (hh, reader->argument_lists, arguments, next_arguments) {
		HASH_DEL(reader->argument_lists, arguments);
		free_arguments(arguments);
	}
	sqlite3_finalize(reader->process);
	sqlite3_finalize(reader->functions);
	sqlite3_finalize(reader->arguments);
	free(reader);
}
DEFINE_CLEANUP(cleanup_reader, struct generics_reader, generics_reader_free)

int generics_reader_new(const struct database *database, struct names_reader *names,
			struct generics_reader **ret)
{
	CLEANUP(cleanup_reader) struct generics_reader *reader = calloc(1, sizeof(*reader));
	int error;

	if (!reader)
		return -ENOMEM;
	reader->database = database;
	reader->names = names;
	error = database_prepare(database, "SELECT generics FROM processes WHERE id = ?",
				 &reader->process);
	if (error == 0)
		error = database_prepare(database,
					 "SELECT name, shapes, arguments FROM generic_functions "
					 "WHERE list = ? ORDER BY position",
					 &reader->functions);
	if (error == 0)
		error = database_prepare(database,
					 "SELECT types FROM generic_arguments "
					 "WHERE list = ? ORDER BY position",
					 &reader->arguments);
	if (error == 0)
		*ret = TAKE(reader);
	return error;
}

static int take_argument(sqlite3_stmt *row, void *context)
{
	struct argument_list *list = context;
	const char *types;
	int error = names_read_string(list->names, column_integer(row, 0), &types);

	if (error == 0 && !types)
		error = -EBADMSG;
	if (error == 0)
		error = VEC_RESERVE(list, list->count + 1, LIMIT_FUNCTIONS);
	if (error == 0)
		list->items[list->count++] = types;
	return error;
}

static int make_arguments(struct generics_reader *reader, int64_t id, struct argument_list **ret)
{
	CLEANUP(cleanup_arguments) struct argument_list *list = calloc(1, sizeof(*list));
	int error;

	if (!list)
		return -ENOMEM;
	list->id = id;
	list->names = reader->names;
	error = statement_each(reader->database, reader->arguments, id, take_argument, list);
	if (error < 0)
		return error;
	HASH_ADD(hh, reader->argument_lists, id, sizeof(list->id), list);
	if (!list->hh.tbl) /* uthash could not grow */
		return -ENOMEM;
	*ret = TAKE(list);
	return 0;
}

static int find_arguments(struct generics_reader *reader, int64_t id, struct generic_function *ret)
{
	struct argument_list *list;
	int error = 0;

	if (id == UNKNOWN)
		return 0;
	HASH_FIND(hh, reader->argument_lists, &id, sizeof(id), list);
	if (!list)
		error = make_arguments(reader, id, &list);
	if (error < 0)
		return error;
	ret->types = list->count;
	ret->type_names = list->items;
	return 0;
}

/* Names are looked for by halving, so their order is not believed. */
static bool follows(const struct function_list *list, const char *name)
{
	return !list->count || strcmp(list->items[list->count - 1].name, name) < 0;
}

static int take_function(sqlite3_stmt *row, void *context)
{
	struct function_list *list = context;
	struct generics_reader *reader = list->reader;
	int64_t shapes = sqlite3_column_int64(row, 1);
	struct generic_function function = { .shapes = (size_t)shapes };
	int error = names_read_string(reader->names, column_integer(row, 0), &function.name);

	if (error == 0 && (!function.name || shapes < 0 || !follows(list, function.name)))
		error = -EBADMSG;
	if (error == 0)
		error = find_arguments(reader, column_integer(row, 2), &function);
	if (error == 0)
		error = VEC_RESERVE(list, list->count + 1, LIMIT_FUNCTIONS);
	if (error == 0)
		list->items[list->count++] = function;
	return error;
}

static int make_functions(struct generics_reader *reader, int64_t id, struct function_list **ret)
{
	CLEANUP(cleanup_functions) struct function_list *list = calloc(1, sizeof(*list));
	int error;

	if (!list)
		return -ENOMEM;
	list->id = id;
	list->reader = reader;
	error = statement_each(reader->database, reader->functions, id, take_function, list);
	if (error < 0)
		return error;
	HASH_ADD(hh, reader->function_lists, id, sizeof(list->id), list);
	if (!list->hh.tbl) /* uthash could not grow */
		return -ENOMEM;
	list->generics = (struct generics){ list->count, list->items };
	*ret = TAKE(list);
	return 0;
}

static int take_list(sqlite3_stmt *row, void *id)
{
	*(int64_t *)id = column_integer(row, 0);
	return 0;
}

int generics_read(struct generics_reader *reader, int64_t process, const struct generics **ret)
{
	struct function_list *list;
	int64_t id = UNKNOWN; /* of the process's list */
	int error = statement_each(reader->database, reader->process, process, take_list, &id);

	*ret = NULL;
	if (error < 0 || id == UNKNOWN)
		return error;
	HASH_FIND(hh, reader->function_lists, &id, sizeof(id), list);
	if (!list)
		error = make_functions(reader, id, &list);
	if (error < 0)
		return error == -E2BIG ? -EBADMSG : error;
	*ret = &list->generics;
	return 0;
}
