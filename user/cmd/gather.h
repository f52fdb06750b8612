/* From a source of snapshots to what is judged. */
#ifndef CMD_GATHER_H
#define CMD_GATHER_H

#include "base/cleanup.h"
#include "cmd/snapshot_source.h"
#include "judge/evidence.h"

/* Everything that the source has. The evidence's strings live as long as what the source is of. 0
 * or a negative errno, reported. */
int gather(struct snapshot_source *source, struct evidence **ret);

DEFINE_CLEANUP(cleanup_evidence, struct evidence, evidence_free)

#endif
