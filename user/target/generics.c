/* One pass over the names of functions and one over the symbols, counted by generic function. */
#include "target/generics.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "model/goname.h"

#define DICTIONARY "..dict." /* cmd/compile: between the package's path and the name */

struct known {
	UT_hash_handle hh;
	const char *name; /* interned, as everything here */
	size_t shapes;
	struct {
		const char **items;
		size_t count, capacity;
	} types;
};

struct generics_table {
	struct intern *intern;
	struct known *known;
	struct generics list;
	struct generic_function *items;
	int error;
};

static void free_known(struct generics_table *table)
{
	struct known *known, *next;

	HASH_ITER (hh, table->known, known, next) {
		HASH_DEL(table->known, known);
		free(known->types.items);
		free(known);
	}
}

void generics_table_free(struct generics_table *table)
{
	if (!table)
		return;
	free_known(table);
	free(table->items);
	free(table);
}

static struct known *add_known(struct generics_table *table, const char *name)
{
	struct known *known = calloc(1, sizeof(*known));

	if (!known)
		return NULL;
	known->name = name;
	HASH_ADD_PTR(table->known, name, known);
	if (known->hh.tbl)
		return known;
	free(known); /* uthash could not grow */
	return NULL;
}

/* Of the function called `name`; NULL when it is not generic, or without memory. */
static struct known *know(struct generics_table *table, const char *name)
{
	char text[LIMIT_NAME_BYTES];
	const char *kept;
	struct known *known;

	if (!goname_generic(name, text, sizeof(text)))
		return NULL;
	kept = intern_string(table->intern, text);
	if (!kept) {
		table->error = -ENOMEM;
		return NULL;
	}
	HASH_FIND_PTR(table->known, &kept, known);
	if (!known)
		known = add_known(table, kept);
	if (!known)
		table->error = -ENOMEM;
	return known;
}

static void add_type(struct generics_table *table, struct known *known, const char *arguments,
		     size_t length)
{
	const char *kept = intern_bytes(table->intern, arguments, length);
	int error = kept ? VEC_RESERVE(&known->types, known->types.count + 1, LIMIT_FUNCTIONS)
			 : -ENOMEM;

	if (error < 0)
		table->error = error;
	else
		known->types.items[known->types.count++] = kept;
}

/* The type arguments in a name, without their brackets: from the first '[' to its ']'. */
static const char *arguments_of(const char *name, size_t *ret_length)
{
	const char *open = strchr(name, '['), *close = NULL;
	int depth = 0;

	for (const char *at = open; at && *at && !close; at++) {
		depth += (*at == '[') - (*at == ']');
		close = depth == 0 ? at : NULL;
	}
	*ret_length = close ? (size_t)(close - open - 1) : 0;
	return close ? open + 1 : NULL;
}

/* Of methods only wrappers stand with real types: "main.(*T[int]).M". A type's own equality
 * function
 * ("type:.eq.main.T[int]") is none. */
static void take_name(struct generics_table *table, const char *name)
{
	struct known *known;
	const char *arguments;
	size_t length;

	if (!strchr(name, '[') || !strncmp(name, "type:", 5) || !strncmp(name, "type..", 6))
		return;
	arguments = arguments_of(name, &length);
	known = arguments ? know(table, name) : NULL;
	if (!known)
		return;
	if (memmem(arguments, length, "go.shape.", 9))
		known->shapes++;
	else if (memcmp(arguments, "...", length < 3 ? length : 3))
		add_type(table, known, arguments, length);
}

/* Pages of the file that were read are given back after so many names. */
#define RELEASE_NAMES 1024

static void take_names(struct generics_table *table, const struct go_binary *binary)
{
	struct span names = go_binary_names(binary);
	const char *at = (const char *)names.data, *end = at + names.length;

	for (size_t i = 1; at < end && table->error == 0; i++) {
		const char *stop = memchr(at, 0, (size_t)(end - at));

		if (!stop)
			return;
		take_name(table, at);
		at = stop + 1;
		if (i % RELEASE_NAMES == 0)
			elf_image_release_pages(go_binary_image(binary));
	}
}

/* Go 1.19: the names are equal, the functions are several. */
static void take_functions(struct generics_table *table, const struct go_binary *binary)
{
	size_t count = go_binary_function_count(binary);

	for (size_t i = 0; i < count && table->error == 0; i++) {
		struct go_function function;
		struct go_frame frame;
		struct known *known;

		if (i % RELEASE_NAMES == 0)
			elf_image_release_pages(go_binary_image(binary));
		if (go_binary_function(binary, i, &function) < 0 ||
		    !strstr(function.name, "[...]") ||
		    go_binary_frames_at(binary, function.entry, &frame, 1) == 0 || frame.wrapper)
			continue;
		known = know(table, function.name);
		if (known)
			known->shapes++;
	}
}

/* "pkg..dict.F[int]", from Go 1.20 on "pkg..dict.T[int]" for all methods of T. */
static bool take_symbol(struct generics_table *table, const char *symbol)
{
	const char *mark = strstr(symbol, DICTIONARY);
	AUTO_FREE char *name = NULL;
	const char *arguments;
	struct known *known;
	size_t length;

	if (!mark)
		return true;
	arguments = arguments_of(mark, &length);
	if (!arguments ||
	    asprintf(&name, "%.*s.%s", (int)(mark - symbol), symbol, mark + strlen(DICTIONARY)) < 0)
		return true;
	known = know(table, name);
	if (known)
		add_type(table, known, arguments, length);
	return table->error == 0;
}

static int compare_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void unify_types(struct known *known)
{
	size_t kept = 0;

	if (known->types.count)
		qsort(known->types.items, known->types.count, sizeof(*known->types.items),
		      compare_text);
	for (size_t i = 0; i < known->types.count; i++)
		if (!kept || known->types.items[kept - 1] != known->types.items[i])
			known->types.items[kept++] = known->types.items[i];
	known->types.count = kept;
}

/* "main.(*T[...]).M" and "main.T[...].M" belong to "main.T[...]", whose dictionaries they share. */
static const struct known *receiver_of(const struct generics_table *table, const char *name)
{
	char text[LIMIT_NAME_BYTES];
	const char *mark = strstr(name, "[...]"), *kept;
	struct known *known;
	size_t length = 0;

	for (const char *at = name; at < mark + 5 && length + 1 < sizeof(text); at++)
		if (*at != '(' && *at != '*')
			text[length++] = *at;
	text[length] = 0;
	kept = intern_string(table->intern, text);
	HASH_FIND_PTR(table->known, &kept, known);
	return known;
}

static int compare_functions(const void *left, const void *right)
{
	const struct generic_function *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* Types themselves, which have dictionaries and no code, are no functions. */
static int make_list(struct generics_table *table)
{
	struct known *known, *next;
	size_t count = 0;

	table->items = calloc(HASH_COUNT(table->known) + 1, sizeof(*table->items));
	if (!table->items)
		return -ENOMEM;
	HASH_ITER (hh, table->known, known, next)
		unify_types(known);
	HASH_ITER (hh, table->known, known, next) {
		const struct known *named =
			known->types.count ? known : receiver_of(table, known->name);

		if (known->shapes)
			table->items[count++] =
				(struct generic_function){ known->name, known->shapes,
							   named ? named->types.count : 0,
							   named ? named->types.items : NULL };
	}
	if (count)
		qsort(table->items, count, sizeof(*table->items), compare_functions);
	table->list = (struct generics){ count, table->items };
	return 0;
}

static void take_symbols(struct generics_table *table, const struct elf_image *image)
{
	struct elf_symbols symbols = elf_image_symbols(image);
	struct elf_symbol symbol;

	while (elf_symbols_next(&symbols, &symbol) && take_symbol(table, symbol.name))
		;
}

DEFINE_CLEANUP(table_cleanup, struct generics_table, generics_table_free)

int generics_table_new(const struct go_binary *binary, struct intern *intern,
		       struct generics_table **ret)
{
	struct generics_table *table CLEANUP(table_cleanup) = calloc(1, sizeof(*table));
	int error;

	if (!table)
		return -ENOMEM;
	table->intern = intern;
	if (go_binary_version(binary)->minor < 20)
		take_functions(table, binary);
	take_names(table, binary);
	take_symbols(table, go_binary_image(binary));
	elf_image_release_pages(go_binary_image(binary));
	error = table->error ? table->error : make_list(table);
	if (error == 0)
		*ret = TAKE(table);
	return error;
}

const struct generics *generics_table_list(const struct generics_table *table)
{
	return &table->list;
}
