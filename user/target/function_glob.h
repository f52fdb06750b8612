/* Functions by glob, and why there is none: what --cache asks of an executable. */
#ifndef TARGET_FUNCTION_GLOB_H
#define TARGET_FUNCTION_GLOB_H

#include "target/go_binary.h"

/*
 * Writes the first `max` functions whose name matches (model/glob.h), in address order, to `ret`,
 * and returns how many there are in all. Bodies with the same name at different addresses are
 * different functions: Go 1.19 calls all instantiations of a generic function the same.
 */
size_t function_glob(const struct go_binary *binary, const char *glob, struct go_function *ret,
		     size_t max);

/*
 * For a glob that no function matches: a sentence about it, "no function matches 'main.Gte': the
 * nearest is main.Get", or "... main.Get exists only inlined into main.main, main.work". At most
 * `size` bytes, always terminated.
 */
void function_glob_explain(const struct go_binary *binary, const char *glob, char *text,
			   size_t size);

#endif
