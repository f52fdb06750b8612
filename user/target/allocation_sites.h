/*
 * Every place in an executable's code that calls the allocator, and what it allocates there, as
 * constants in the code tell. Calls inside of the runtime are left out: they pass on what they were
 * given.
 */
#ifndef TARGET_ALLOCATION_SITES_H
#define TARGET_ALLOCATION_SITES_H

#include "target/callsite_callees.h"
#include "target/go_binary.h"

struct allocation_site {
	uint64_t address; /* of the call */
	struct callsite call;
};

/* False ends the walk. */
typedef bool (*allocation_site_visitor)(void *context, const struct allocation_site *site);

/*
 * One pass over the text for calls of the allocator's functions, then each function that has some
 * is decoded once. *ret_undecoded counts functions whose bytes could not be decoded to the end. 0,
 * -ENOMEM; silent.
 */
int allocation_sites_walk(const struct go_binary *binary, struct disassembler *disassembler,
			  allocation_site_visitor visit, void *context, size_t *ret_undecoded);

#endif
