/* Raw observations as the collectors deliver them, before unsampling: the input of model/profile.
 */
#ifndef MODEL_BUCKET_H
#define MODEL_BUCKET_H

#include <stddef.h>
#include <stdint.h>

#include "model/stack.h"

/* Age at death, log2 slots: slot i counts ages in [2^(i+10), 2^(i+11)) ns, the first also all
 * below, the last all above. Counts of samples stop at 2^32 - 1: there is one histogram for each
 * site at several places, and with wider counts they would be most of heaptap's memory. */
#define AGE_SLOTS 37
struct ages {
	uint32_t slots[AGE_SLOTS];
};

/* Upper-bound-free median of the histogram in ns (geometric interpolation inside the slot), or -1
 * without any death. */
int64_t ages_median_ns(const struct ages *ages);
void ages_add(struct ages *sum, const struct ages *more);

/* One runtime.bucket of the target: a stack and an object size. Counts are raw samples since the
 * process started. */
struct bucket {
	uint64_t address;      /* in the target; identity */
	uint64_t object_bytes; /* slot size */
	const struct stack *stack;
	const char *type;      /* interned; NULL when not known */
	const char *interface; /* that the value is put into; NULL: none, or not known */
	uint64_t allocs, frees;
};

/* What the sampler's probes saw of one bucket since they were attached. */
struct bucket_activity {
	uint64_t address;
	uint64_t births, deaths, deaths_aged;
	struct ages ages;
};

/* One type x size x stack seen by exact probes: in a window, or since they were opened. */
struct exact_site {
	uint64_t id;	       /* stable over windows */
	uint64_t object_bytes; /* that were asked for */
	const struct stack *stack;
	const char *type, *interface;
	uint64_t hits;
	uint64_t extra_bytes; /* beside hits x object_bytes: where objects are of several sizes */
	uint32_t slot;	      /* in which of the interval's slots the window was */
	uint32_t size_class;  /* as model/class_counts.h has it */
};

#endif
