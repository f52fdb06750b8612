/* Papers: the same facts as text, Markdown and JSON. */
#include "harness/test.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "view/paper.h"

DEFINE_CLEANUP(cleanup_paper, struct paper, paper_free)

static const struct paper_column columns[] = {
	{ "value", "value", true, 0 },
	{ NULL, "low", true, 0 },
	{ "name", "name", false, 24 },
	{ "where", NULL, false, 0 },
};

static void add(struct paper *paper, double value, const char *shown, const char *name,
		const char *where)
{
	paper_number(paper, value, shown);
	paper_number(paper, value / 2, "");
	paper_text(paper, name);
	paper_text(paper, where);
}

static struct paper *make(void)
{
	struct paper *paper;

	CHECK_INT(paper_new("heaptap.test/1", &paper), 0);
	paper_say(paper, "before: %s", "a|b");
	paper_fact_text(paper, "before.comm", "a|b");
	paper_fact_number(paper, "before.losses.map_full", 3);
	paper_fact_number(paper, "after", NAN);
	paper_fact_text(paper, "note", NULL);
	paper_heading(paper, "grown: %d rows", 2);
	paper_table(paper, "rows", columns, 4);
	add(paper, 4096, "4.00 KiB", "main.f", "f.go:1");
	add(paper, 2.5, "2 B \302\261  5%", "main.(*Cache[string,example.com/types.Value]).Store",
	    "cache.go:12");
	paper_heading(paper, "nothing here");
	paper_table(paper, "rows", columns, 4);
	paper_heading(paper, "shrunk");
	paper_table(paper, "rows", columns, 4);
	add(paper, NAN, "?", "b\303\251\033[31m\377", "");
	return paper;
}

static char *written(enum paper_form form)
{
	CLEANUP(cleanup_paper) struct paper *paper = make();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK_INT(paper_write(paper, form, out), 0);
	fclose(out);
	return text;
}

TEST("a paper as text has columns as wide as need be, and long names keep both their ends")
{
	char *text AUTO_FREE = written(PAPER_TEXT);

	CHECK_STRING(text, "before: a|b\n"
			   "\n"
			   "grown: 2 rows\n"
			   "    value  name                      where\n"
			   " 4.00 KiB  main.f                    f.go:1\n"
			   "2 B \302\261  5%  main.(*Cac...lue]).Store  cache.go:12\n"
			   "\n"
			   "nothing here\n"
			   "\n"
			   "shrunk\n"
			   "value  name      where\n"
			   "    ?  b\303\251?[31m\357\277\275  \n");
}

TEST("a paper in Markdown has whole names, and nothing in them is markup")
{
	char *text AUTO_FREE = written(PAPER_MARKDOWN);

	CHECK(strstr(text, "before: a\\|b\n\n"));
	CHECK(strstr(text, "## grown: 2 rows\n\n| value | name | where |\n| ---: | :--- | :--- |\n"
			   "| 4.00 KiB | main.f | f.go:1 |\n"));
	CHECK(strstr(text, "| main.(\\*Cache\\[string,example.com/types.Value\\]).Store | "));
}

TEST("a paper as JSON has every number as it is, and tables of one key as one array")
{
	char *text AUTO_FREE = written(PAPER_JSON);

	CHECK_STRING(text, "{\"schema\":\"heaptap.test/1\","
			   "\"before\":{\"comm\":\"a|b\",\"losses\":{\"map_full\":3}},"
			   "\"after\":null,\"note\":null,\"rows\":["
			   "{\"value\":4096,\"low\":2048,\"name\":\"main.f\"},"
			   "{\"value\":2.5,\"low\":1.25,"
			   "\"name\":\"main.(*Cache[string,example.com/types.Value]).Store\"},"
			   "{\"value\":null,\"low\":null,\"name\":\"b??\\u001B[31m?\"}]}\n");
}

TEST("thousands of rows with names of kilobytes make lines that fit a terminal")
{
	CLEANUP(cleanup_paper) struct paper *paper = NULL;
	char name[4096], *text = NULL, *line;
	size_t size, lines = 0;
	FILE *out = open_memstream(&text, &size);
	char *owned AUTO_FREE = NULL;

	CHECK_INT(paper_new("heaptap.test/1", &paper), 0);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	paper_table(paper, "rows", columns, 4);
	for (int i = 0; i < 5000; i++)
		add(paper, i, "1 B", name + i % 4000, "file.go:1");
	CHECK_INT(paper_write(paper, PAPER_TEXT, out), 0);
	fclose(out);
	owned = text;
	for (line = text; line && *line; lines++) {
		char *end = strchr(line, '\n');

		CHECK(end && end - line <= 5 + 2 + 24 + 2 + 9);
		line = end + 1;
	}
	CHECK_INT(lines, 5001);
}
