/* Which process and which time of a recording is meant. */
#include "cmd/recorded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/vec.h"

struct moment_text moment_text(int64_t unix_ns)
{
	time_t seconds = unix_ns / 1000000000;
	struct moment_text ret = { "?" };
	struct tm time;

	if (gmtime_r(&seconds, &time))
		strftime(ret.text, sizeof(ret.text), "%Y-%m-%dT%H:%M:%SZ", &time);
	return ret;
}

int64_t recorded_only(const struct recording *recording, const struct settings *settings)
{
	const struct recorded_process *processes;
	size_t count;

	processes = recording_processes(recording, &count);
	if (!settings->pids.count)
		return count == 1 ? processes[0].id : 0;
	/* the newest, when a number was used again */
	for (size_t i = count; i-- > 0;)
		if (processes[i].pid == settings->pids.pids[0])
			return processes[i].id;
	return 0;
}

static int compare_beginning(const void *left, const void *right)
{
	const struct recorded_process *a = left, *b = right;

	return (a->first_unix_ns > b->first_unix_ns) - (a->first_unix_ns < b->first_unix_ns);
}

/* Whether two were recorded at the same time: in the order of their beginnings neighbours are. 0 or
 * -ENOMEM, silent. */
static int find_overlap(const struct recorded_process *processes, size_t count, bool *ret)
{
	AUTO_FREE struct recorded_process *sorted = vec_copy(processes, count, sizeof(*sorted));
	size_t kept = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (sorted[i].intervals)
			sorted[kept++] = sorted[i];
	qsort(sorted, kept, sizeof(*sorted), compare_beginning);
	*ret = false;
	for (size_t i = 1; i < kept; i++)
		*ret |= sorted[i].first_unix_ns <= sorted[i - 1].last_unix_ns;
	return 0;
}

#define MOST_DIGITS 16 /* of a PID, with what stands before it */

static int refuse_several(const struct settings *settings, const struct recorded_process *processes,
			  size_t count)
{
	char numbers[256] = "";
	size_t length = 0;

	for (size_t i = 0; i < count && length < sizeof(numbers) - MOST_DIGITS; i++)
		length += (size_t)snprintf(numbers + length, sizeof(numbers) - length, "%s%d",
					   i ? ", " : "", processes[i].pid);
	return diag_fail(-EINVAL,
			 "this shows one process at a time, and '%s' has %zu: %s%s; choose one "
			 "with -p",
			 settings->file, count, numbers,
			 length < sizeof(numbers) - MOST_DIGITS ? "" : ", ...");
}

static int choose(struct recording *recording, const struct settings *settings,
		  enum recorded_processes which)
{
	int64_t only = recorded_only(recording, settings);
	const struct recorded_process *processes;
	bool at_once = false;
	size_t count;

	processes = recording_processes(recording, &count);
	if (settings->pids.count > 1)
		return diag_fail(-EINVAL, "only one process of a recording can be chosen");
	if (settings->pids.count && !only)
		return diag_fail(-EINVAL, "'%s' has no process %d", settings->file,
				 settings->pids.pids[0]);
	if (find_overlap(processes, count, &at_once) < 0)
		return diag_fail(-ENOMEM, "cannot read '%s'", settings->file);
	if (!only &&
	    ((which == RECORDED_SINGLE && at_once) || (which == RECORDED_ONE && count > 1)))
		return refuse_several(settings, processes, count);
	recording_select(recording, only);
	return 0;
}

int recorded_open(const struct settings *settings, enum recorded_processes which,
		  struct recording **ret)
{
	CLEANUP(cleanup_recording) struct recording *recording = NULL;
	int64_t first_ns, last_ns;
	int error = recording_open(settings->file, &recording);

	if (error == 0)
		error = choose(recording, settings, which);
	if (error < 0)
		return error;
	error = recording_span(recording, &first_ns, &last_ns);
	if (error == -ENODATA)
		return diag_fail(error, "nothing was recorded in '%s'", settings->file);
	if (error == 0)
		*ret = TAKE(recording);
	return error;
}

int recorded_fail_empty(const struct settings *settings, int64_t from_ns, int64_t to_ns)
{
	diag_fail(0, "'%s' has nothing between %s and %s", settings->file,
		  moment_text(from_ns).text, moment_text(to_ns).text);
	return -ENODATA;
}

int recorded_seek(struct recording *recording, const struct settings *settings)
{
	int64_t first_ns, last_ns, at_ns;
	int error = recording_span(recording, &first_ns, &last_ns);

	if (error < 0)
		return error;
	at_ns = moment_ns(&settings->at, first_ns, last_ns, last_ns);
	if (at_ns >= first_ns && at_ns <= last_ns)
		return recording_seek_back(recording, at_ns);
	diag_fail(0, "--at is outside of '%s', which goes from %s to %s", settings->file,
		  moment_text(first_ns).text, moment_text(last_ns).text);
	return -ENODATA;
}

int recorded_range(struct recording *recording, const struct settings *settings, int64_t *ret_from,
		   int64_t *ret_to)
{
	int64_t first_ns, last_ns;
	int error = recording_span(recording, &first_ns, &last_ns);

	if (error < 0)
		return error;
	*ret_from = moment_ns(&settings->from, first_ns, last_ns, first_ns);
	*ret_to = moment_ns(&settings->to, first_ns, last_ns, last_ns);
	return *ret_from > *ret_to || *ret_to < first_ns || *ret_from > last_ns
		       ? recorded_fail_empty(settings, *ret_from, *ret_to)
		       : 0;
}
