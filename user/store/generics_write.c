/* A list is known by its content: what it is about is in the numbers of its strings. */
#include <errno.h>

#include "model/unknown.h"
#include "store/generics.h"

/* The first number of a list's key: what it is a list of. */
enum list_kind { LIST_ARGUMENTS, LIST_FUNCTIONS };

/* In the key of a list of functions each is these numbers, in this order. */
enum { KEY_NAME, KEY_SHAPES, KEY_ARGUMENTS, KEY_NUMBERS };

int generics_prepare_write(const struct database *database, struct generics_statements *ret)
{
	int error = database_prepare(database, "INSERT INTO generic_functions VALUES (?,?,?,?,?)",
				     &ret->function);

	if (error == 0)
		error = database_prepare(database, "INSERT INTO generic_arguments VALUES (?, ?, ?)",
					 &ret->argument);
	if (error == 0)
		error = database_prepare(database,
					 "UPDATE processes SET generics = ?2 WHERE id = ?1",
					 &ret->process);
	return error;
}

void generics_finalize(struct generics_statements *statements)
{
	sqlite3_finalize(TAKE(statements->function));
	sqlite3_finalize(TAKE(statements->argument));
	sqlite3_finalize(TAKE(statements->process));
}

static int insert_arguments(const struct database *database, sqlite3_stmt *insert, int64_t list,
			    const int64_t *strings, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++) {
		sqlite3_bind_int64(insert, 1, list);
		sqlite3_bind_int64(insert, 2, (int64_t)i);
		sqlite3_bind_int64(insert, 3, strings[i]);
		error = statement_run(database, insert);
	}
	return error;
}

/* The number of the function's list; UNKNOWN when it has none. */
static int write_arguments(const struct database *database,
			   const struct generics_statements *statements, struct names_writer *names,
			   const struct generic_function *function, int64_t *ret_list)
{
	AUTO_FREE int64_t *key = calloc(1 + function->types, sizeof(*key));
	bool is_new = false;
	int error = key ? 0 : -ENOMEM;

	*ret_list = UNKNOWN;
	if (error < 0 || !function->types)
		return error;
	key[0] = LIST_ARGUMENTS;
	for (size_t i = 0; i < function->types && error == 0; i++)
		error = names_string(names, function->type_names[i], &key[1 + i]);
	if (error == 0)
		error = names_list(names, key, 1 + function->types, ret_list, &is_new);
	return error < 0 || !is_new ? error
				    : insert_arguments(database, statements->argument, *ret_list,
						       key + 1, function->types);
}

static int insert_functions(const struct database *database, sqlite3_stmt *insert, int64_t list,
			    const int64_t *numbers, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++, numbers += KEY_NUMBERS) {
		sqlite3_bind_int64(insert, 1, list);
		sqlite3_bind_int64(insert, 2, (int64_t)i);
		sqlite3_bind_int64(insert, 3, numbers[KEY_NAME]);
		sqlite3_bind_int64(insert, 4, numbers[KEY_SHAPES]);
		bind_integer(insert, 5, numbers[KEY_ARGUMENTS]);
		error = statement_run(database, insert);
	}
	return error;
}

static int write_functions(const struct database *database,
			   const struct generics_statements *statements, struct names_writer *names,
			   const struct generics *generics, int64_t *ret_list)
{
	size_t numbers = 1 + generics->count * KEY_NUMBERS;
	AUTO_FREE int64_t *key = calloc(numbers, sizeof(*key));
	bool is_new = false;
	int error = key ? 0 : -ENOMEM;

	if (error < 0)
		return error;
	key[0] = LIST_FUNCTIONS;
	for (size_t i = 0; i < generics->count && error == 0; i++) {
		const struct generic_function *function = &generics->items[i];
		int64_t *of_function = key + 1 + i * KEY_NUMBERS;

		of_function[KEY_SHAPES] = (int64_t)function->shapes;
		error = names_string(names, function->name, &of_function[KEY_NAME]);
		if (error == 0)
			error = write_arguments(database, statements, names, function,
						&of_function[KEY_ARGUMENTS]);
	}
	if (error == 0)
		error = names_list(names, key, numbers, ret_list, &is_new);
	return error < 0 || !is_new ? error
				    : insert_functions(database, statements->function, *ret_list,
						       key + 1, generics->count);
}

int generics_write(const struct database *database, const struct generics_statements *statements,
		   struct names_writer *names, int64_t process, const struct generics *generics)
{
	int64_t list;
	int error = write_functions(database, statements, names, generics, &list);

	if (error < 0)
		return error;
	sqlite3_bind_int64(statements->process, 1, process);
	sqlite3_bind_int64(statements->process, 2, list);
	return statement_run(database, statements->process);
}
