/*
 * A Go process that can be observed: everything target/ knows, opened in the right order. What cmd/
 * uses.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

#include "model/bucket.h"
#include "model/class_counts.h"
#include "model/instantiations.h"
#include "model/rss_split.h"
#include "model/type_group.h"
#include "probe_plan.h"
#include "target/counters.h"
#include "target/go_binary.h"
#include "target/process.h"

struct target;

/* Reports whatever is in the way, once. */
int target_open(pid_t pid, struct target **ret);
void target_free(struct target *target);

const struct process *target_process(const struct target *target);
const struct go_binary *target_binary(const struct target *target);
const char *target_comm(const struct target *target);

/* The runtime's sampler. */
enum sampler_state {
	SAMPLER_ON,
	SAMPLER_OFF,	/* MemProfileRate is 0, or the linker dropped profiling */
	SAMPLER_HIDDEN, /* mbuckets or MemProfileRate could not be found: said with -v */
};
enum sampler_state target_sampler(struct target *target, double *ret_rate_bytes);

/* Points of the sampler's group, or of the allocation group, verified against the process's memory.
 * -ENOTSUP (reported) when the group is not possible here. */
int target_plan_sampler(struct target *target, struct probe_plan *ret);
int target_plan_allocations(struct target *target, struct probe_plan *ret);
/* The same for the garbage collector's cycles and the stops of the world. */
int target_plan_gc(struct target *target, struct probe_plan *ret);
/* And for what is added to the runtime's types: runtime.itabAdd, and reflect.addReflectOff where
 * the program has it. */
int target_plan_types(struct target *target, struct probe_plan *ret);

/* A function that a --cache glob matches. Strings live as long as the target. */
struct cache_target {
	const char *glob, *function;
	uint64_t entry, end; /* of its text, in the process */
	const char *note;    /* why it is not probed, or what is to be known of it; or NULL */
	bool probed;
};

/* Points of the functions (their `index` is that in `functions`), of sync.Pool and of sync.Map. */
struct cache_plan {
	struct probe_plan probes;
	size_t count;
	struct cache_target functions[LIMIT_CACHE_FUNCTIONS];
	const char *note; /* of the globs that match nothing or too much, and of what else is not
			     watched; interned, or NULL */
};

/* Never fails for what a glob says: see the note. 0, or -ENOMEM, reported. */
int target_plan_caches(struct target *target, const char *const *globs, size_t count,
		       struct cache_plan *ret);
/* The addresses of the sync.Pools that hold something, at most `max`, read from the runtime's own
 * lists (sync.allPools and oldPools). Returns how many were written; 0 as well when the lists were
 * not found. */
size_t target_pools(struct target *target, uint64_t *ret, size_t max);
/*
 * The function in the New field of the sync.Pool at `address`: its name, interned, and the verified
 * point for its calls (*ret_name is set also when there is none). 0; -ENOENT: the pool has no New;
 * else it cannot be probed. Silent.
 */
int target_pool_new(struct target *target, uint64_t address, const char **ret_name,
		    struct probe_point *ret);
/* The variable at an address of the process, "main.pool" or "main.server+64", interned; "" when it
 * has no name (in the heap, or the executable is stripped). */
const char *target_variable(struct target *target, uint64_t address);

int target_counters(struct target *target, struct counters *ret);
/* Every bucket, symbolised and typed; valid until the next call. *ret_invalid is cumulative. */
int target_buckets(struct target *target, const struct bucket **ret, size_t *ret_count,
		   uint64_t *ret_invalid);
/* Where its resident memory is, unless that cannot be told: a negative errno, silent. */
int target_residence(struct target *target, struct rss_resident *ret);
uint64_t target_read_failures(const struct target *target);
uint64_t target_unknown_types(const struct target *target); /* stacks without a type */

/* For exact hits: a stack of physical return addresses whose first entry is the return address into
 * the allocator's caller, and the type descriptor seen in the register (0: none). */
const struct stack *target_stack(struct target *target, const uint64_t *pcs, size_t count);
/* `type` is what the probe saw; element types of slices and tables of maps are told by the call
 * site. */
const char *target_type_name(struct target *target, uint64_t type, uint64_t size_bytes,
			     const uint64_t *pcs, size_t count);

/* Which class (model/class_counts.h) the allocator takes it from. A descriptor that cannot be read
 * is taken for one with pointers, as nearly all are. */
uint32_t target_size_class(struct target *target, uint64_t type, uint64_t size_bytes);
/* The name of a type descriptor, NULL when it cannot be named. Lives as long as the target, as do
 * all names here. */
const char *target_descriptor_name(struct target *target, uint64_t type);
/*
 * The name of the type that reflection makes when it registers `address` (reflect.addReflectOff)
 * from `stack` (NULL: lost). Each made type registers exactly one name of its own, its Str
 * (reflect/type.go, Go 1.19-1.27); NULL for the rest: names of methods, types and code that the
 * executable has, types that fields point to.
 */
const char *target_made_type(struct target *target, uint64_t address, const struct stack *stack);
/*
 * The whole itab table; later calls only append. *ret is valid until the next call. *ret_lost is of
 * this reading. -ENOTSUP when the table was not found; else as itab_reader_poll. Silent.
 */
int target_itabs(struct target *target, const struct itab_entry **ret, size_t *ret_count,
		 uint64_t *ret_lost);
/* The interface that the value is put into, where the stack's allocation is boxing and the code
 * says it; NULL otherwise. */
const char *target_boxed_into(struct target *target, const uint64_t *pcs, size_t count);

/* The binary's generic functions, as long as the target lives; NULL when that cannot be told. */
const struct generics *target_generics(struct target *target);

/*
 * The slot of an object that an exact probe saw: `slot_bytes` without a header, `header_grows` when
 * 8 bytes more would not fit it. Go 1.22 and newer put a header before objects with pointers of
 * more than 512 bytes (runtime/malloc.go mallocgc, mbitmap.go heapBitsInSpan).
 */
uint64_t target_slot_bytes(struct target *target, uint64_t type, uint64_t slot_bytes,
			   bool header_grows);

/*
 * Writes runtime.MemProfileRate and returns the old value. Reports and refuses where sampling would
 * crash the program (Go 1.26+ with GODEBUG=profstackdepth >= 1023) or the variable is not known.
 * bytes 0 is allowed.
 */
int target_set_sampling_rate(struct target *target, uint64_t bytes, uint64_t *ret_old);

#endif
