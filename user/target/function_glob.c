/*
 * The table of names has more than the functions: the names of calls that were inlined everywhere,
 * so that there is no body to probe. That tells "inlined away" from "does not exist".
 */
#include "target/function_glob.h"

#include <stdarg.h>
#include <stdio.h>

#include "limits.h"
#include "model/glob.h"
#include "model/goname.h"
#include "target/inline_tree.h"
#include "target/pclntab.h"

#define CALLERS_NAMED 3
#define DISTANCE_MOST 64 /* a name that is farther away, or by half of the glob, is no help */

size_t function_glob(const struct go_binary *binary, const char *glob, struct go_function *ret,
		     size_t max)
{
	const struct pclntab *table = go_binary_table(binary);
	size_t count = 0;

	for (uint32_t i = 0; i < table->function_count; i++) {
		const char *name = pclntab_name(table, pclntab_function_name(table, i));
		struct go_function function;

		if (!name || !glob_matches_function(glob, name) ||
		    go_binary_function(binary, i, &function) < 0)
			continue;
		if (count < max)
			ret[count] = function;
		count++;
	}
	elf_image_release_pages(go_binary_image(binary));
	return count;
}

/* Text that grows in a buffer of fixed size. */
struct text {
	char *bytes;
	size_t size, length;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int more;

	va_start(arguments, format);
	more = vsnprintf(text->bytes + text->length, text->size - text->length, format, arguments);
	va_end(arguments);
	if (more > 0)
		text->length += (size_t)more;
	if (text->length >= text->size)
		text->length = text->size - 1;
}

/* A name of the table, and how far from the glob. */
struct nearest {
	const char *name;
	size_t distance;
};

/* The package that a glob speaks of, "" when it has a wildcard in it. */
static void package_of_glob(const char *glob, char *package, size_t size)
{
	size_t plain = strcspn(glob, "*?([");
	char head[LIMIT_NAME_BYTES];

	snprintf(head, sizeof(head), "%.*s", (int)plain, glob);
	package[0] = '\0';
	if (strchr(head, '.'))
		goname_package(head, package, size);
}

static size_t distance_of(const char *glob, const char *name, size_t most)
{
	char shown[LIMIT_NAME_BYTES];
	size_t as_written = glob_distance(glob, name, most), as_shown;

	goname_short(name, 0, shown, sizeof(shown));
	as_shown = glob_distance(glob, shown, most);
	return as_written < as_shown ? as_written : as_shown;
}

static bool is_of(const char *package, const char *name)
{
	char of_name[LIMIT_NAME_BYTES];
	const char *last;

	if (!*package)
		return true;
	goname_package(name, of_name, sizeof(of_name));
	last = strrchr(of_name, '/');
	return !strcmp(package, of_name) || (last && !strcmp(package, last + 1));
}

/* Compiler-made symbols, "type:.eq.main.T", are nobody's functions. */
static bool is_callable(const char *name)
{
	return *name && !strpbrk(name, ": ") && strchr(name, '.');
}

static struct nearest find_nearest(const struct go_binary *binary, const char *glob,
				   const char *package)
{
	const struct span names = go_binary_table(binary)->names;
	size_t half = strlen(glob) / 2 + 1;
	struct nearest nearest = { .distance = half < DISTANCE_MOST ? half : DISTANCE_MOST };
	const char *name;

	for (uint64_t at = 0; (name = span_string(names, at, names.length)) != NULL;
	     at += strlen(name) + 1) {
		size_t distance;

		if (!is_callable(name) || !is_of(package, name))
			continue;
		distance = distance_of(glob, name, nearest.distance);
		if (distance < nearest.distance)
			nearest = (struct nearest){ name, distance };
	}
	return nearest;
}

static bool has_body(const struct pclntab *table, const char *name)
{
	for (uint32_t i = 0; i < table->function_count; i++) {
		const char *of = pclntab_name(table, pclntab_function_name(table, i));

		if (of && !strcmp(of, name))
			return true;
	}
	return false;
}

/* Names the first few functions that have the call inlined. */
static void add_callers(struct text *text, const struct go_binary *binary, const char *name)
{
	const struct pclntab *table = go_binary_table(binary);
	int minor = go_binary_version(binary)->minor;
	size_t count = 0;

	for (uint32_t i = 0; i < table->function_count; i++) {
		struct pclntab_function function;
		const char *caller;

		if (pclntab_function(table, i, &function) < 0 ||
		    !inline_tree_has(table, go_binary_funcdata(binary), minor, &function, name))
			continue;
		caller = pclntab_name(table, function.name);
		if (!caller) /* a damaged table */
			continue;
		if (count < CALLERS_NAMED)
			add(text, "%s%s", count ? ", " : "", caller);
		count++;
	}
	if (count > CALLERS_NAMED)
		add(text, " and %zu more", count - CALLERS_NAMED);
}

static void add_nearest(struct text *text, const struct go_binary *binary,
			const struct nearest *nearest)
{
	bool body = has_body(go_binary_table(binary), nearest->name);

	if (body)
		add(text, "; the nearest is %s", nearest->name);
	else if (nearest->distance == 0)
		add(text, ": %s exists only inlined into ", nearest->name);
	else
		add(text, "; the nearest is %s, which exists only inlined into ", nearest->name);
	if (!body)
		add_callers(text, binary, nearest->name);
}

void function_glob_explain(const struct go_binary *binary, const char *glob, char *bytes,
			   size_t size)
{
	struct text text = { bytes, size, 0 };
	char package[LIMIT_NAME_BYTES];
	struct nearest nearest;

	package_of_glob(glob, package, sizeof(package));
	nearest = find_nearest(binary, glob, package);
	if (!nearest.name && *package)
		nearest = find_nearest(binary, glob, "");
	add(&text, "no function matches '%s'", glob);
	if (nearest.name)
		add_nearest(&text, binary, &nearest);
	else
		add(&text, ", and no name is near it");
	elf_image_release_pages(go_binary_image(binary));
}
