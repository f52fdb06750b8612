/*
 * Chrome trace events ("Trace Event Format", JSON object format), for ui.perfetto.dev and
 * chrome://tracing, made from snapshots one at a time. Counters bear the names of model/metric.h;
 * one that has not changed is not repeated. Which types or sites get a counter of their own can
 * only be told at the end, so their rates wait in a temporary file and come last in the trace: the
 * set is the same everywhere, and is the one that allocated most in all. Nothing else is kept.
 */
#ifndef EXPORT_TRACE_H
#define EXPORT_TRACE_H

#include <stdio.h>

#include "model/snapshot.h"
#include "model/table.h"

struct trace;

struct trace_options {
	const struct grouping *grouping;
	size_t top; /* counters of types or sites; the others are summed up as "other" */
};

/* What the trace does not have. */
struct trace_totals {
	uint64_t events;
	/* snapshots, cycles and stops that are no later than the one before: the clock was set back
	 */
	uint64_t out_of_order;
	uint64_t cycles_unseen;
};

/* All return 0 or a negative errno, silent; write errors may show only at the caller's fflush. */
int trace_new(FILE *out, const struct trace_options *options, struct trace **ret);
/* Snapshots of one process in the order of time; those of several may come in any mixture. */
int trace_add(struct trace *trace, const struct snapshot *snapshot);
/* Completes the document. Nothing can be added any more. */
int trace_finish(struct trace *trace, struct trace_totals *ret);
void trace_free(struct trace *trace);

#endif
