/*
 * The generic functions of real executables. What is true of them is in their sources:
 * tests/targets/announce has one generic function for two lists of types, tests/targets/patterns
 * one for fifty.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "target/generics.h"

struct subject {
	struct elf_image *image;
	struct go_binary *binary;
	struct intern *intern;
	struct generics_table *table;
};

static void subject_close(struct subject *subject)
{
	generics_table_free(subject->table);
	intern_free(subject->intern);
	go_binary_free(subject->binary);
	elf_image_free(subject->image);
}

static void subject_open(const char *path, struct subject *subject)
{
	int fd AUTO_CLOSE = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_INT(elf_image_open(fd, path, &subject->image), 0);
	CHECK_INT(go_binary_open(subject->image, &subject->binary), 0);
	CHECK_INT(intern_new(&subject->intern), 0);
	CHECK_INT(generics_table_new(subject->binary, subject->intern, &subject->table), 0);
}

/* Calls `check` for every executable of that name, of all versions. */
static void each(const char *name, void (*check)(const struct generics *generics))
{
	const char *folder = getenv("HEAPTAP_TARGETS") ?: "build/targets";
	CLEANUP(globfree) glob_t found = { 0 };
	char pattern[512];

	snprintf(pattern, sizeof(pattern), "%s/go1.*/%s", folder, name);
	if (glob(pattern, 0, NULL, &found) != 0)
		test_skip("no %s", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		CLEANUP(subject_close) struct subject subject = { 0 };

		printf("# %s\n", found.gl_pathv[i]);
		subject_open(found.gl_pathv[i], &subject);
		check(generics_table_list(subject.table));
	}
}

static void has_fifty(const struct generics *generics)
{
	const struct generic_function *fill = generics_find(generics, "main.fill[...]");
	const struct generic_function *put = generics_find(generics, "main.(*typedRing[...]).put");

	CHECK(fill && put);
	CHECK_INT(fill->shapes, 50);
	CHECK_INT(put->shapes, 4);
	/* no dictionary has a name there, but from 1.21 on what makes a func value of an
	 * instantiation has one */
	CHECK(fill->types == 0 || fill->types == 50);
	CHECK_INT(put->types, 0);
}

TEST("a stripped binary tells how often each generic function was made")
{
	each("patterns-stripped", has_fifty);
}

static void has_types(const struct generics *generics)
{
	const struct generic_function *pair = generics_find(generics, "main.newPair[...]");

	CHECK(pair != NULL);
	CHECK_INT(pair->shapes, 2);
	CHECK_INT(pair->types, 2);
	CHECK_STRING(pair->type_names[0], "*main.node,*main.record");
	CHECK_STRING(pair->type_names[1], "int,string");
}

TEST("symbols of dictionaries tell for which types")
{
	each("announce-plain", has_types);
}

static void is_sorted(const struct generics *generics)
{
	for (size_t i = 1; i < generics->count; i++)
		CHECK(strcmp(generics->items[i - 1].name, generics->items[i].name) < 0);
	for (size_t i = 0; i < generics->count; i++)
		CHECK(generics->items[i].shapes > 0 && strchr(generics->items[i].name, '['));
}

TEST("generic functions are listed once each, and in order")
{
	each("*-stripped", is_sorted);
}
