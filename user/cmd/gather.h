/* From a source of snapshots to what is judged. */
#ifndef CMD_GATHER_H
#define CMD_GATHER_H

#include "base/cleanup.h"
#include "cmd/snapshot_source.h"
#include "judge/evidence.h"

/* Is shown each snapshot beside; 0 or a negative errno, reported. */
typedef int (*gather_also)(void *context, const struct snapshot *snapshot);

/* Everything that the source has; `also` NULL: nobody else.  The evidence's strings live as long as
 * what the source is of. 0 or a negative errno, reported. */
int gather(struct snapshot_source *source, gather_also also, void *context, struct evidence **ret);

DEFINE_CLEANUP(cleanup_evidence, struct evidence, evidence_free)

#endif
