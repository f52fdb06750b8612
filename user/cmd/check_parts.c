/* Parts own what their judgements borrow. */
#include "cmd/check_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/vec.h"
#include "cmd/check_baseline.h"
#include "cmd/gather.h"
#include "cmd/recorded.h"

static void clear_part(struct check_part *part, struct check_owned *owned)
{
	for (size_t i = 0; !owned->borrowed && i < part->count; i++)
		judged_clear(&part->judged[i]);
	if (!owned->borrowed)
		free(part->judged);
	evidence_free(owned->evidence);
	if (owned->recording)
		recording_close(owned->recording);
	free(owned->name);
	free(owned->refused);
}

void check_parts_clear(struct check_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		clear_part(&parts->items[i], &parts->owned[i]);
	free(parts->items);
	free(parts->owned);
	*parts = (struct check_parts){ 0 };
}

/* Takes `owned`, also when it fails. */
static int add_part(struct check_parts *parts, const char *name, struct check_owned owned)
{
	struct check_part none = { 0 };
	int error = VEC_RESERVE(parts, parts->count + 1, CHECK_PARTS_MOST);

	if (error == 0)
		error = vec_reserve((void **)&parts->owned, &parts->owned_capacity,
				    parts->count + 1, sizeof(*parts->owned), CHECK_PARTS_MOST);
	owned.name = strdup(name);
	if (error == 0 && !owned.name)
		error = -ENOMEM;
	if (error < 0) {
		clear_part(&none, &owned);
		return diag_fail(error, "cannot keep what was seen of '%s'", name);
	}
	parts->owned[parts->count] = owned;
	parts->items[parts->count++] = (struct check_part){ .name = owned.name,
							    .evidence = owned.evidence,
							    .refused = owned.refused };
	return 0;
}

int check_parts_see(void *opaque, const struct snapshot *snapshot)
{
	struct check_parts *parts = opaque;

	return baseline_add(parts->baseline, snapshot);
}

int check_parts_borrow(struct check_parts *parts, const struct check_part *part)
{
	int error = add_part(parts, part->name, (struct check_owned){ .borrowed = true });

	if (error < 0)
		return error;
	parts->items[parts->count - 1].count = part->count;
	parts->items[parts->count - 1].judged = part->judged;
	return 0;
}

static int judge_part(struct check_part *part, const struct limits *limits, bool whole_life)
{
	if (!limits->count)
		return 0;
	part->judged = calloc(limits->count, sizeof(*part->judged));
	for (size_t i = 0; part->judged && i < limits->count; i++) {
		struct limit_question question = { part->evidence, &limits->items[i], whole_life };

		if (limit_judge(&question, &part->judged[part->count++]) < 0)
			return diag_fail(-ENOMEM, "cannot judge '%s'", part->name);
	}
	return part->judged ? 0 : diag_fail(-ENOMEM, "cannot judge '%s'", part->name);
}

int check_parts_add(struct check_parts *parts, const char *name, struct evidence *evidence,
		    struct recording *recording, const struct limits *limits, bool whole_life)
{
	struct check_owned owned = { .evidence = evidence, .recording = recording };
	int error = add_part(parts, name, owned);

	return error < 0 ? error : judge_part(&parts->items[parts->count - 1], limits, whole_life);
}

int check_parts_refuse(struct check_parts *parts, const char *name, const char *why)
{
	return add_part(parts, name, (struct check_owned){ .refused = strdup(why) });
}

/* Whether the last snapshot is that of its exit. */
static bool saw_exit(const struct recording *recording, const struct evidence *evidence)
{
	const struct recorded_process *processes;
	size_t count;

	processes = recording_processes(recording, &count);
	for (size_t i = 0; i < count; i++)
		if (processes[i].last_unix_ns == evidence->last.time_unix_ns && processes[i].end &&
		    !strcmp(processes[i].end, OBSERVATION_SAW_EXIT))
			return true;
	return false;
}

/* What has been looked at once only has no intervals, but may have been seen to its exit. */
static bool is_whole(const struct recording *recording, const struct settings *settings,
		     const struct evidence *evidence)
{
	return settings->from.kind == MOMENT_NONE && settings->to.kind == MOMENT_NONE &&
	       saw_exit(recording, evidence);
}

int check_parts_add_recording(struct check_parts *parts, const char *name,
			      const struct settings *settings, const struct limits *limits)
{
	CLEANUP(cleanup_recording) struct recording *recording = NULL;
	CLEANUP(cleanup_evidence) struct evidence *evidence = NULL;
	AUTO_SOURCE struct snapshot_source *source = NULL;
	int error = recorded_open(settings, RECORDED_ONE, &recording);
	bool whole;

	if (error == 0)
		error = snapshot_source_recorded(recording, settings, &source);
	if (error == 0)
		error = gather(source, check_parts_see, parts, &evidence);
	if (error < 0)
		return error;
	if (!name)
		name = evidence->last.comm ? evidence->last.comm : settings->file;
	whole = is_whole(recording, settings, evidence);
	return check_parts_add(parts, name, TAKE(evidence), TAKE(recording), limits, whole);
}
