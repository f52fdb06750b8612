/* Until the source ends. */
#include "cmd/gather.h"

#include <errno.h>

#include "base/diag.h"

int gather(struct snapshot_source *source, gather_also also, void *context, struct evidence **ret)
{
	CLEANUP(cleanup_evidence) struct evidence *evidence = NULL;
	const struct snapshot *snapshot;
	int result = evidence_new(&evidence);

	if (result < 0)
		return diag_fail(result, "cannot keep what is seen");
	while ((result = source->next(source, &snapshot)) == 1) {
		if (evidence_add(evidence, snapshot) < 0)
			return diag_fail(-ENOMEM, "cannot keep what is seen");
		result = also ? also(context, snapshot) : 0;
		if (result < 0)
			return result;
	}
	if (result == 0 && !evidence->count && session_interrupted())
		return diag_fail(-EINTR, "interrupted before there was anything to judge");
	if (result == 0)
		*ret = TAKE(evidence);
	return result;
}
