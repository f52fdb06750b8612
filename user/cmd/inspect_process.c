/* What an observation of the process would meet, asked with the functions that an observation uses.
 */
#include "cmd/inspect_process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "probe/probe.h"
#include "target/target.h"

const struct inspection_shape inspect_process_shape = {
	.key = "process",
	.title = "this process",
	.name = "fact",
	.facts = true,
	.unsorted = true,
	.columns = { { "value", "value", INSPECTION_TEXT, false, false } },
};

DEFINE_CLEANUP(cleanup_target, struct target, target_free)

struct answers {
	struct inspect_process *texts;
	struct inspection_section *section;
	size_t used;
	int error;
};

#define TEXTS                                                                                      \
	(sizeof(((struct inspect_process *)0)->texts) /                                            \
	 sizeof(((struct inspect_process *)0)->texts[0]))
#define TEXT_BYTES sizeof(((struct inspect_process *)0)->texts[0])

/* Where the next answer's text may be written. */
static char *next_text(struct answers *answers)
{
	char *text = answers->texts->texts[answers->used < TEXTS ? answers->used : TEXTS - 1];

	text[0] = 0;
	return text;
}

static void add(struct answers *answers, const char *name, const char *text)
{
	struct inspection_row row = { .name = name, .values = { inspection_text(text) } };

	answers->used++;
	if (answers->error == 0)
		answers->error = inspection_add(answers->section, &row);
}

/* A sentence after "no: ", or "yes". */
static void add_verdict(struct answers *answers, const char *name, int error, char *text,
			const char *good)
{
	char why[TEXT_BYTES];

	snprintf(why, sizeof(why), "%s", text);
	if (error < 0)
		snprintf(text, TEXT_BYTES, "no: %.*s", (int)TEXT_BYTES - 8, why);
	else
		snprintf(text, TEXT_BYTES, "%s", good);
	add(answers, name, text);
}

static void ask_kernel(struct answers *answers)
{
	char *text = next_text(answers);
	int error;

	diag_capture(text, TEXT_BYTES);
	error = probe_check();
	diag_release();
	add_verdict(answers, "kernel_and_capabilities", error, text,
		    "yes: programs can be loaded and attached");
}

static void ask_sampler(struct answers *answers, struct target *target)
{
	char *text = next_text(answers);
	double rate = 0;

	switch (target_sampler(target, &rate)) {
	case SAMPLER_ON:
		snprintf(text, TEXT_BYTES, "on, one sample per %.0f bytes", rate);
		break;
	case SAMPLER_OFF:
		snprintf(text, TEXT_BYTES, "off");
		break;
	case SAMPLER_HIDDEN:
		snprintf(text, TEXT_BYTES, "not known: its variables were not found");
		break;
	}
	add(answers, "runtime_sampler_now", text);
}

static void ask_plan(struct answers *answers, struct target *target, const char *name,
		     int (*plan_group)(struct target *target, struct probe_plan *ret))
{
	AUTO_FREE struct probe_plan *plan = calloc(1, sizeof(*plan));
	char *text = next_text(answers), good[64];
	int error;

	if (!plan) {
		answers->error = -ENOMEM;
		return;
	}
	diag_capture(text, TEXT_BYTES);
	error = plan_group(target, plan);
	diag_release();
	snprintf(good, sizeof(good), "yes: %zu points, verified in its memory", plan->count);
	add_verdict(answers, name, error, text, good);
}

static void ask_target(struct answers *answers, pid_t pid)
{
	CLEANUP(cleanup_target) struct target *target = NULL;
	char *text = next_text(answers);
	int error;

	diag_capture(text, TEXT_BYTES);
	error = target_open(pid, &target);
	diag_release();
	add_verdict(answers, "observable", error, text, "yes");
	if (error < 0)
		return;
	ask_sampler(answers, target);
	ask_plan(answers, target, "sampler_probes_here", target_plan_sampler);
	ask_plan(answers, target, "gc_probes_here", target_plan_gc);
	ask_plan(answers, target, "types_probes_here", target_plan_types);
	ask_plan(answers, target, "exact_windows_here", target_plan_allocations);
}

int inspect_process_read(pid_t pid, struct inspect_process *texts, struct inspection_section *ret)
{
	struct answers answers = { .texts = texts, .section = ret };
	char *text;

	*ret = (struct inspection_section){ .shape = &inspect_process_shape };
	text = next_text(&answers);
	snprintf(text, TEXT_BYTES, "%d", (int)pid);
	add(&answers, "pid", text);
	ask_target(&answers, pid);
	ask_kernel(&answers);
	return answers.error;
}
