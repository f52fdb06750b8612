/* The allocation rates of types or sites, kept in a temporary file until it is known which of them
 * matter. */
#ifndef EXPORT_TRACE_SPLIT_H
#define EXPORT_TRACE_SPLIT_H

#include "export/trace_out.h"
#include "model/rates.h"

struct trace_split;

/* 0 or a negative errno, as all here; silent. */
int trace_split_new(const struct grouping *grouping, size_t top, struct trace_split **ret);
void trace_split_free(struct trace_split *split);
int trace_split_add(struct trace_split *split, const struct snapshot *snapshot);
/* Writes a counter for each snapshot: the `top` groups that allocated most over all snapshots and
 * processes, and the others as "other". */
int trace_split_write(struct trace_split *split, struct trace_out *out);

#endif
