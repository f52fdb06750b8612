/* Comparing two counts that are read one after the other. */
#include "model/itab_check.h"

#include "model/unknown.h"

bool itab_check_misses(struct itab_check *check, bool whole, int64_t itabs, uint64_t seen)
{
	uint64_t before = check->last;

	check->last = seen;
	if (!whole || itabs == UNKNOWN)
		return false;
	if (!check->based) {
		check->based = true;
		check->itabs = itabs;
		check->seen = before;
		return false;
	}
	return itabs - check->itabs > (int64_t)(seen - check->seen);
}
