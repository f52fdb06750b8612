/* The progress line and the closing summary, on standard error. */
#include "cmd/record_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/number.h"

static double elapsed_s(const struct progress *progress)
{
	return (double)(clock_ns(CLOCK_MONOTONIC) - progress->began_ns) * 1e-9;
}

void progress_begin(struct progress *progress)
{
	*progress = (struct progress){ .terminal = isatty(STDERR_FILENO),
				       .began_ns = clock_ns(CLOCK_MONOTONIC) };
}

void progress_show(struct progress *progress, const struct recorder *recorder, bool waiting)
{
	struct recorder_totals totals;
	double seconds = elapsed_s(progress);

	if (!progress->terminal)
		return;
	recorder_totals(recorder, &totals);
	if (!progress->first_bytes)
		progress->first_bytes = totals.file_bytes;
	fprintf(stderr, "\r\033[Krecording %s  %" PRIu64 " intervals  %s  %s/h",
		number_clock(seconds).text, totals.intervals,
		number_bytes((double)totals.file_bytes).text,
		number_bytes((double)(totals.file_bytes - progress->first_bytes) /
			     (seconds + 1e-3) * 3600)
			.text);
	if (progress->losses)
		fprintf(stderr, "  LOST %" PRIu64, progress->losses);
	fprintf(stderr, "%s (^C ends)", waiting ? "  waiting for the process to come back" : "");
	fflush(stderr);
	progress->shown = true;
}

void progress_hide(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

void progress_end(struct progress *progress, const char *path, const struct recorder_totals *totals,
		  size_t processes, const uint64_t losses[LOSS_COUNT])
{
	progress_hide(progress);
	fprintf(stderr,
		"heaptap: recorded %s in '%s': %" PRIu64 " intervals of %zu process%s, %" PRIu64
		" sites, %s",
		number_clock(elapsed_s(progress)).text, path, totals->intervals, processes,
		processes == 1 ? "" : "es", totals->sites,
		number_bytes((double)totals->file_bytes).text);
	for (int loss = 0; loss < LOSS_COUNT; loss++)
		if (losses[loss])
			fprintf(stderr, "; LOST %s %" PRIu64, loss_key((enum loss)loss),
				losses[loss]);
	fputc('\n', stderr);
}
