/*
 * What was judged in the XML that CI systems show: a testsuite for each process, a testcase for
 * each limit. A broken limit is a failure, one that could not be judged an error, an undecided one
 * is skipped with its sentence.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/xml.h"
#include "view/check.h"

static void write_escaped(FILE *out, const char *text)
{
	xml_put(out, text, SIZE_MAX);
}

static int write_sentence(FILE *out, const struct judged *judged)
{
	AUTO_FREE char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return -ENOMEM;
	check_write_line(memory, judged);
	if (fclose(memory) != 0)
		return -ENOMEM;
	write_escaped(out, text);
	return 0;
}

static void write_places(FILE *out, const struct judged *judged)
{
	for (size_t i = 0; i < judged->place_count; i++) {
		write_escaped(out, judged->places[i].name);
		if (judged->places[i].file[0]) {
			fputc(' ', out);
			write_escaped(out, judged->places[i].file);
			fprintf(out, ":%u", judged->places[i].line);
		}
		fputc('\n', out);
	}
}

static int write_case(FILE *out, const char *part, const struct judged *judged)
{
	static const char *const elements[LIMIT_ANSWERS] = { NULL, "skipped", "failure", "error" };
	const char *element = elements[judged->answer];
	int error = 0;

	fputs("    <testcase classname=\"", out);
	write_escaped(out, part);
	fputs("\" name=\"", out);
	write_escaped(out, judged->name);
	if (judged->glob) {
		fputc(' ', out);
		write_escaped(out, judged->glob);
	}
	fputs(element ? "\">\n" : "\"/>\n", out);
	if (!element)
		return 0;
	fprintf(out, "      <%s message=\"", element);
	error = write_sentence(out, judged);
	fputs("\">", out);
	write_places(out, judged);
	fprintf(out, "</%s>\n    </testcase>\n", element);
	return error;
}

static int write_suite(FILE *out, const struct check_part *part)
{
	const struct check_result alone = { .count = 1, .parts = part };
	int error = 0;

	fputs("  <testsuite name=\"", out);
	write_escaped(out, part->name);
	fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
		part->count + !!part->refused, check_count(&alone, LIMIT_BROKEN),
		check_count(&alone, LIMIT_REFUSED), check_count(&alone, LIMIT_UNDECIDED));
	if (part->refused) {
		fputs("    <testcase classname=\"", out);
		write_escaped(out, part->name);
		fputs("\" name=\"observed\"><error message=\"", out);
		write_escaped(out, part->refused);
		fputs("\"/></testcase>\n", out);
	}
	for (size_t i = 0; error == 0 && i < part->count; i++)
		error = write_case(out, part->name, &part->judged[i]);
	fputs("  </testsuite>\n", out);
	return error;
}

static int write_junit(FILE *out, const struct check_result *result)
{
	int error = 0;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"heaptap check\">\n",
	      out);
	for (size_t i = 0; error == 0 && i < result->count; i++)
		error = write_suite(out, &result->parts[i]);
	fputs("</testsuites>\n", out);
	return error;
}

const struct check_format check_junit = { "junit", write_junit };
