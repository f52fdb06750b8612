/* Where in the text the Go runtime's own functions are. */
#ifndef TARGET_RUNTIME_TEXT_H
#define TARGET_RUNTIME_TEXT_H

#include "probe_plan.h"
#include "target/go_binary.h"

/*
 * At most LIMIT_RUNTIME_RANGES link-time ranges that together hold every function of the runtime
 * (model/stack.h); unused ones are empty. Other functions may be in them.
 */
void runtime_text_find(const struct go_binary *binary, struct text_range ret[LIMIT_RUNTIME_RANGES]);

#endif
