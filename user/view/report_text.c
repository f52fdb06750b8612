/* A verdict as prose, plain or in markdown: the two differ in a few marks only. */
#include "view/report.h"

#include <math.h>

#include "base/number.h"
#include "view/verdict_text.h"

struct marks {
	const char *title, *finding, *item, *place, *strong,
		*code; /* strong, code: on both sides */
};
static const struct marks plain = { "", "", "  ", "     ", "", "" };
static const struct marks markdown = { "# ", "## ", "- ", "- ", "**", "`" };

static void write_head(FILE *out, const struct marks *marks, const struct evidence *evidence)
{
	const struct snapshot *last = &evidence->last;

	fprintf(out, "%s%s %d  %s  %s  %s\n", marks->title, last->comm ? last->comm : "?",
		last->pid, last->go_version ? last->go_version : "?", mode_name(last->mode),
		number_clock(evidence->elapsed_s).text);
	fprintf(out, "%sheap %s of goal %s, alloc %s, %s, rss %s\n", *marks->title ? "\n" : "",
		number_bytes(evidence_median(evidence, "heap_inuse_bytes")).text,
		number_bytes(evidence_median(evidence, "heap_goal_bytes")).text,
		number_bytes_rate(evidence_median(evidence, "heap_alloc_bytes_per_s")).text,
		number_count_rate(evidence_median(evidence, "heap_allocs_per_s")).text,
		number_bytes(evidence_median(evidence, "rss_total_bytes")).text);
}

static void write_losses(FILE *out, const struct marks *marks, const struct evidence *evidence)
{
	for (int i = 0; i < LOSS_COUNT; i++)
		if (evidence->last.losses[i])
			fprintf(out, "%sLOST %s %llu: %s\n", marks->item, loss_key((enum loss)i),
				(unsigned long long)evidence->last.losses[i],
				loss_meaning((enum loss)i));
	if (evidence->gaps)
		fprintf(out, "%snobody looked for a while, %llu times\n", marks->item,
			(unsigned long long)evidence->gaps);
}

static void write_place(FILE *out, const struct marks *marks, const struct finding_place *place)
{
	fputs(marks->place, out);
	verdict_write_place(out, place, marks->code);
	fputc('\n', out);
}

/* All that the JSON has, under the same names. */
static void write_numbers(FILE *out, const struct marks *marks, const struct finding *finding)
{
	fprintf(out, "%s%sMeasured:%s", *marks->title ? "\n" : "   ", marks->strong, marks->strong);
	for (size_t i = 0; i < finding->number_count; i++) {
		const struct finding_number *number = &finding->numbers[i];

		fprintf(out, "%s %s%s%s ", i ? "," : "", marks->code, number->name, marks->code);
		verdict_write_number(out, number);
	}
	fputc('\n', out);
}

static void write_finding(FILE *out, const struct marks *marks, size_t number,
			  const struct finding *finding)
{
	fprintf(out, "\n%s%zu. %s (%s)\n%s", marks->finding, number, finding->rule->title,
		certainty_name(finding->certainty), *marks->title ? "\n" : "");
	fputs(*marks->title ? "" : "   ", out);
	verdict_write_text(out, finding->seen);
	fputc('\n', out);
	for (size_t i = 0; i < finding->place_count; i++)
		write_place(out, marks, &finding->places[i]);
	write_numbers(out, marks, finding);
	fprintf(out, "%s%sWhy it matters:%s %s\n", *marks->title ? "\n" : "   ", marks->strong,
		marks->strong, finding->rule->why);
	fprintf(out, "%s%sWhat to do:%s %s\n", *marks->title ? "\n" : "   ", marks->strong,
		marks->strong, finding->advice[0] ? finding->advice : finding->rule->advice);
}

/* What was looked at and found in order, and what could not be looked at. */
static void write_quiet(FILE *out, const struct marks *marks, const struct verdict *verdict)
{
	fprintf(out, "\n%s%s\n", marks->finding,
		verdict->findings.count ? "Looked at and found in order:"
					: "Nothing is wrong, as far as was looked:");
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->answers[i].answer == RULE_QUIET)
			fprintf(out, "%s%s\n", marks->item, verdict->answers[i].rule->looks_at);
	for (size_t i = 0, any = 0; i < verdict->count; i++) {
		if (verdict->answers[i].answer != RULE_BLIND)
			continue;
		if (!any++)
			fprintf(out, "\n%sCould not be looked at:\n", marks->finding);
		fprintf(out, "%s%s: %s\n", marks->item, verdict->answers[i].rule->looks_at,
			verdict->answers[i].why);
	}
}

static int write_prose(FILE *out, const struct marks *marks, const struct evidence *evidence,
		       const struct verdict *verdict)
{
	write_head(out, marks, evidence);
	write_losses(out, marks, evidence);
	for (size_t i = 0; i < verdict->findings.count; i++)
		write_finding(out, marks, i + 1, &verdict->findings.items[i]);
	write_quiet(out, marks, verdict);
	return 0;
}

static int write_text(FILE *out, const struct evidence *evidence, const struct verdict *verdict)
{
	return write_prose(out, &plain, evidence, verdict);
}

static int write_markdown(FILE *out, const struct evidence *evidence, const struct verdict *verdict)
{
	return write_prose(out, &markdown, evidence, verdict);
}

const struct report_format report_text = { "text", write_text };
const struct report_format report_markdown = { "markdown", write_markdown };
