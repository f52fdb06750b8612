/* What was judged, for people: broken limits with who is responsible, the others in a line. */
#include "view/check.h"

#include <math.h>

#include "base/number.h"
#include "view/verdict_text.h"

size_t check_count(const struct check_result *result, enum limit_answer answer)
{
	size_t count = 0;

	for (size_t i = 0; i < result->count; i++) {
		count += result->parts[i].refused && answer == LIMIT_REFUSED;
		for (size_t j = 0; j < result->parts[i].count; j++)
			count += result->parts[i].judged[j].answer == answer;
	}
	return count;
}

void check_write_line(FILE *out, const struct judged *judged)
{
	verdict_write_text(out, judged->name);
	fprintf(out, "%s%s: ", judged->glob ? " " : "", judged->glob ? judged->glob : "");
	if (judged->answer != LIMIT_REFUSED) {
		if (isnan(judged->number.value)) /* there was none before: no share to tell */
			fprintf(out, "new");
		else
			verdict_write_number(out, &judged->number);
		fprintf(out, ", the limit is ");
		verdict_write_value(out, judged->most, limit_unit_name(judged->unit));
	}
	if (judged->why[0])
		fprintf(out, "%s%s", judged->answer != LIMIT_REFUSED ? "; " : "", judged->why);
}

static void write_places(FILE *out, const struct judged *judged, const char *indent)
{
	for (size_t i = 0; i < judged->place_count; i++) {
		fputs(indent, out);
		verdict_write_place(out, &judged->places[i], "");
		fputc('\n', out);
	}
}

static void write_judged(FILE *out, const struct judged *judged, bool markdown)
{
	static const char *const words[LIMIT_ANSWERS] = { "kept", "undecided", "BROKEN",
							  "REFUSED" };

	fprintf(out, markdown ? "- **%s** " : "%-9s ", words[judged->answer]);
	check_write_line(out, judged);
	fputc('\n', out);
	if (judged->answer == LIMIT_BROKEN || judged->answer == LIMIT_UNDECIDED)
		write_places(out, judged, markdown ? "  - " : "          ");
}

static void write_part(FILE *out, const struct check_result *result, const struct check_part *part,
		       bool markdown)
{
	if (result->count > 1 || markdown)
		fprintf(out, "%s%s\n%s", markdown ? "## " : "", part->name, markdown ? "\n" : "");
	if (part->refused)
		fprintf(out, "%sREFUSED   %s\n", markdown ? "- " : "", part->refused);
	for (size_t i = 0; i < part->count; i++)
		if (result->verbose || part->judged[i].answer != LIMIT_KEPT ||
		    part->judged[i].why[0])
			write_judged(out, &part->judged[i], markdown);
	if (markdown)
		fputc('\n', out);
}

static int write_prose(FILE *out, const struct check_result *result, bool markdown)
{
	static const char *const words[LIMIT_ANSWERS] = { "kept", "undecided", "broken",
							  "not judged" };
	const char *comma = "";

	for (size_t i = 0; i < result->count; i++)
		write_part(out, result, &result->parts[i], markdown);
	for (int answer = 0; answer < LIMIT_ANSWERS; answer++) {
		size_t count = check_count(result, (enum limit_answer)answer);

		if (!count)
			continue;
		fprintf(out, "%s%zu %s %s", comma, count, count == 1 ? "limit" : "limits",
			words[answer]);
		comma = ", ";
	}
	fputc('\n', out);
	if (result->command_status > 0)
		fprintf(out, "the command itself ended with %d\n", result->command_status);
	return 0;
}

static int write_text(FILE *out, const struct check_result *result)
{
	return write_prose(out, result, false);
}

static int write_markdown(FILE *out, const struct check_result *result)
{
	return write_prose(out, result, true);
}

const struct check_format check_text = { "text", write_text };
const struct check_format check_markdown = { "markdown", write_markdown };
