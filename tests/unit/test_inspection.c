/* Rows, sums and the comparison of two inspections. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/test.h"
#include "model/inspection.h"
#include "view/inspect.h"

static const struct inspection_shape sizes = {
	.key = "sizes",
	.title = "sizes",
	.name = "thing",
	.columns = { { "size_bytes", "size", INSPECTION_BYTES, true, false },
		     { "color", "color", INSPECTION_TEXT, false, false } },
};
static const struct inspection_shape facts = {
	.key = "facts",
	.title = "facts",
	.name = "fact",
	.facts = true,
	.unsorted = true,
	.columns = { { "value", "value", INSPECTION_TEXT, false, false } },
};

static struct inspection make(void)
{
	struct inspection inspection = { .label = "a.out", .count = 2 };

	inspection.sections = calloc(2, sizeof(*inspection.sections));
	CHECK(inspection.sections);
	inspection.sections[0].shape = &sizes;
	inspection.sections[1].shape = &facts;
	return inspection;
}

static void add_size(struct inspection *inspection, const char *name, double size)
{
	struct inspection_row row = { name, { { NULL, size }, { "red", 0 } } };

	CHECK_INT(inspection_add(&inspection->sections[0], &row), 0);
}

static void add_fact(struct inspection *inspection, const char *name, const char *text)
{
	struct inspection_row row = { name, { { text, 0 } } };

	CHECK_INT(inspection_add(&inspection->sections[1], &row), 0);
}

TEST("rows are sorted by size, then by name, what is not known last")
{
	CLEANUP(inspection_clear) struct inspection one = make();

	add_size(&one, "unknown", NAN);
	add_size(&one, "b", 5);
	add_size(&one, "a", 5);
	add_size(&one, "large", 7);
	inspection_sort(&one.sections[0]);
	CHECK_STRING(one.sections[0].items[0].name, "large");
	CHECK_STRING(one.sections[0].items[1].name, "a");
	CHECK_STRING(one.sections[0].items[2].name, "b");
	CHECK_STRING(one.sections[0].items[3].name, "unknown");
	CHECK(isnan(inspection_sum(&one.sections[0], 0)));
	CHECK(isnan(inspection_sum(&one.sections[0], 1)));
}

TEST("a comparison has what grew, shrank, came and went, and takes equal names together")
{
	CLEANUP(inspection_clear) struct inspection old = make(), new = make();
	CLEANUP(inspection_clear) struct inspection difference = { 0 };
	const struct inspection_section *section;

	add_size(&old, "same", 3);
	add_size(&old, "gone", 4);
	add_size(&old, "twice", 1);
	add_size(&old, "twice", 1);
	add_size(&new, "came", 9);
	add_size(&new, "twice", 7);
	add_size(&new, "same", 3);
	CHECK_INT(inspection_compare(&old, &new, &difference), 0);
	section = &difference.sections[0];
	CHECK_INT(section->count, 3);
	CHECK_STRING(section->items[0].name, "came");
	CHECK_NEAR(section->items[0].values[2].number, 9, 0);
	CHECK_STRING(section->items[1].name, "twice");
	CHECK_NEAR(section->items[1].values[0].number, 2, 0);
	CHECK_NEAR(section->items[1].values[1].number, 7, 0);
	CHECK_STRING(section->items[2].name, "gone");
	CHECK_NEAR(section->items[2].values[2].number, -4, 0);
	CHECK_NEAR(inspection_sum(section, 2), 10, 0);
}

TEST("facts are compared as texts")
{
	CLEANUP(inspection_clear) struct inspection old = make(), new = make();
	CLEANUP(inspection_clear) struct inspection difference = { 0 };

	add_fact(&old, "go_version", "go1.21");
	add_fact(&new, "go_version", "go1.22");
	add_fact(&old, "pie", "no");
	add_fact(&new, "pie", "no");
	add_fact(&new, "race", "yes");
	CHECK_INT(inspection_compare(&old, &new, &difference), 0);
	CHECK_INT(difference.sections[1].count, 2);
	CHECK_STRING(difference.sections[1].items[0].values[0].text, "go1.21");
	CHECK_STRING(difference.sections[1].items[0].values[1].text, "go1.22");
	CHECK_STRING(difference.sections[1].items[1].values[0].text, "");
}

TEST("what one side does not know is not compared, and the reason is kept")
{
	CLEANUP(inspection_clear) struct inspection old = make(), new = make();
	CLEANUP(inspection_clear) struct inspection difference = { 0 };

	add_size(&new, "came", 9);
	old.sections[0].absent = true;
	inspection_note(&old.sections[0], "too old");
	CHECK_INT(inspection_compare(&old, &new, &difference), 0);
	CHECK(difference.sections[0].absent);
	CHECK_INT(difference.sections[0].count, 0);
	CHECK_STRING(difference.sections[0].note, "before: too old");
}

TEST("a note that is too long is cut, not written beyond its end")
{
	struct inspection_section section = { .shape = &sizes };

	for (int i = 0; i < 40; i++)
		inspection_note(&section, "%s", "twenty characters...");
	CHECK_INT(strlen(section.note), sizeof(section.note) - 1);
}

static int print_text(FILE *out, const struct inspection *inspection, size_t top)
{
	return view_inspection_text(out, inspection, top, 0);
}

static int print_narrow(FILE *out, const struct inspection *inspection, size_t top)
{
	return view_inspection_text(out, inspection, top, 10);
}

static void check_printed(int (*print)(FILE *out, const struct inspection *inspection, size_t top),
			  const struct inspection *inspection, size_t top, const char *expected)
{
	char *text AUTO_FREE = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	CHECK(out);
	CHECK_INT(print(out, inspection, top), 0);
	fclose(out);
	CHECK_STRING(text, expected);
}

TEST("the text has the largest rows, says how many more there are, and cuts long names")
{
	CLEANUP(inspection_clear) struct inspection one = make();

	add_size(&one, "x", NAN);
	add_size(&one,
		 "a name of a thing that is so long that a table of one hundred columns has no "
		 "room for it",
		 2048);
	add_size(&one, "y", 5);
	inspection_sort(&one.sections[0]);
	inspection_note(&one.sections[0], "said");
	add_fact(&one, "pie", "no");
	check_printed(print_text, &one, 2,
		      "a.out\n\n"
		      "sizes: 3, size ?\n"
		      "        size  color  thing\n"
		      "    2.00 KiB  red    a name of a thing that is so long that a table of one "
		      "hundred columns has no...\n"
		      "         5 B  red    y\n"
		      "  ... and 1 more (--top)\n"
		      "  said\n\n"
		      "facts\n"
		      "  pie                          no\n");
}

TEST("the JSON has every row, null for what is not known")
{
	CLEANUP(inspection_clear) struct inspection one = make();

	add_size(&one, "x\"", NAN);
	add_fact(&one, "pie", "no");
	check_printed(view_inspection_json, &one, 0,
		      "{\"schema\":\"heaptap.inspect/1\",\"file\":\"a.out\","
		      "\"sizes\":{\"known\":true,\"note\":\"\",\"totals\":{\"rows\":1,"
		      "\"size_bytes\":null},\"rows\":[{\"thing\":\"x\\\"\",\"size_bytes\":null,"
		      "\"color\":\"red\"}]},"
		      "\"facts\":{\"known\":true,\"note\":\"\",\"values\":{\"pie\":\"no\"}}}\n");
}

TEST("on a narrow terminal names are cut sooner, and facts go on in the next line, words or not")
{
	CLEANUP(inspection_clear) struct inspection one = make();
	char name[5001], fact[101];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	memset(fact, 'f', sizeof(fact) - 1);
	fact[sizeof(fact) - 1] = 0;
	add_size(&one, name, 5);
	add_fact(&one, "-tags", fact);
	add_fact(&one, "flags", "of several words that do not all of them fit into one line");
	add_fact(&one, "none", "");
	check_printed(print_narrow, &one, 2,
		      "a.out\n\n"
		      "sizes: 1, size 5 B\n"
		      "        size  color  thing\n"
		      "         5 B  red    "
		      "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...\n\n"
		      "facts\n"
		      "  -tags                        "
		      "fffffffffffffffffffffffffffffffffffffffffffffffff\n"
		      "                               "
		      "fffffffffffffffffffffffffffffffffffffffffffffffff\n"
		      "                               ff\n"
		      "  flags                        "
		      "of several words that do not all of them fit into\n"
		      "                               one line\n"
		      "  none                         \n");
}

TEST("types of equal names in different packages are compared apart")
{
	static const struct inspection_shape types = {
		.key = "types",
		.name = "type",
		.columns = { { "bytes", "bytes", INSPECTION_BYTES, true, false },
			     { "package", "package", INSPECTION_TEXT, false, true } },
	};
	struct inspection_section one = { .shape = &types }, other = { .shape = &types };
	struct inspection old = { .sections = &one, .count = 1 };
	struct inspection new = { .sections = &other, .count = 1 };
	CLEANUP(inspection_clear) struct inspection difference = { 0 };
	struct inspection_row row = { .name = "model.User" };

	row.values[0] = inspection_number(10);
	row.values[1] = inspection_text("a/model");
	CHECK_INT(inspection_add(&one, &row), 0);
	CHECK_INT(inspection_add(&other, &row), 0);
	row.values[1] = inspection_text("b/model");
	CHECK_INT(inspection_add(&other, &row), 0);
	CHECK_INT(inspection_compare(&old, &new, &difference), 0);
	CHECK_INT(difference.sections[0].count, 1);
	CHECK_INT(difference.sections[0].items[0].values[2].number, 10);
	CHECK_STRING(difference.sections[0].shape->columns[3].key, "package");
	CHECK_STRING(difference.sections[0].items[0].values[3].text, "b/model");
	inspection_section_clear(&one);
	inspection_section_clear(&other);
}
