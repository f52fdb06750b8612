/* Functions by name: the one look-up for which the pclntab has no index. */
#ifndef TARGET_FUNCTION_SEARCH_H
#define TARGET_FUNCTION_SEARCH_H

#include "target/pclntab.h"

struct function_match {
	uint32_t name;	/* index in `names` */
	uint32_t index; /* in functab */
};

/*
 * All functions that have one of the names, one walk over the names and one over the functab.
 * *ret: malloc'd, the caller's. 0, -ENOMEM, or -E2BIG when a damaged table repeats a name without
 * end. Silent.
 */
int function_search(const struct pclntab *table, const char *const *names, size_t count,
		    struct function_match **ret, size_t *ret_count);

#endif
