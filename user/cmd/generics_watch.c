/* What the binary has of generic functions, beside those that are seen to allocate. No probe: read
 * once, when the observation begins. */
#include <stdlib.h>

#include "cmd/watch.h"

static int generics_create(const struct settings *settings, void **ret_state)
{
	static bool nothing; /* the table is the target's */

	(void)settings;
	*ret_state = &nothing;
	return 0;
}

static void generics_destroy(void *state)
{
	(void)state;
}

static void generics_nothing(void *state, const struct collect_context *context)
{
	(void)state;
	(void)context;
}

static int generics_fill(void *state, const struct collect_context *context,
			 struct snapshot *snapshot, uint64_t *hits)
{
	(void)state;
	(void)hits;
	snapshot->generics = target_generics(context->target);
	return 0;
}

const struct watch watch_generics = {
	.name = "generics",
	.create = generics_create,
	.destroy = generics_destroy,
	.open = generics_nothing,
	.turn = generics_nothing,
	.fill = generics_fill,
};
