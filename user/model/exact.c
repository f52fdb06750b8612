/* Exact hits, every one of them: nothing is scaled, and so nothing is uncertain. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/profile_state.h"

static struct record describe(struct known_site *known, const struct exact_site *site)
{
	uint64_t hits = site->hits - known->hits;
	uint64_t extra_bytes = site->extra_bytes - known->site.extra_bytes;
	struct record record = {
		.id = site->id,
		.stack = site->stack,
		.type = site->type,
		.interface = site->interface,
		.object_bytes = site->object_bytes,
		.begun = amount_from_hits(site->hits, site->object_bytes, 1, 1),
		.interval = amount_from_hits(hits, site->object_bytes, 1, 1),
	};

	record.begun.bytes += (double)site->extra_bytes;
	record.interval.bytes += (double)extra_bytes;
	known->hits = site->hits;
	known->site = *site;
	return record;
}

int profile_from_exact(struct profile *profile, const struct exact_site *sites, size_t site_count,
		       struct snapshot *snapshot)
{
	struct record *records AUTO_FREE = calloc(site_count + 1, sizeof(*records));

	if (!records)
		return -ENOMEM;
	for (size_t i = 0; i < site_count; i++) {
		struct known_site *known = profile_site(profile, sites[i].id);

		if (!known)
			return -ENOMEM;
		records[i] = describe(known, &sites[i]);
	}
	free(snapshot->records);
	snapshot->records = TAKE(records);
	snapshot->record_count = site_count;
	snapshot->has_total = snapshot->has_live = false;
	return 0;
}
