/* What the files of target.h share; nobody else includes this. */
#ifndef TARGET_TARGET_INTERNAL_H
#define TARGET_TARGET_INTERNAL_H

#include "base/intern.h"
#include "target/buckets.h"
#include "target/callsite.h"
#include "target/disassembly.h"
#include "target/generics.h"
#include "target/globals.h"
#include "target/itabs.h"
#include "target/layout.h"
#include "target/memory.h"
#include "target/residence.h"
#include "target/symbolizer.h"
#include "target/target.h"
#include "target/types.h"

struct target {
	struct process *process;
	struct elf_image *image;
	struct go_binary *binary;
	struct layout layout;
	struct disassembler *disassembler;
	struct globals globals; /* in the process's address space; 0: not found */
	uint64_t bias;
	struct memory memory;
	struct intern *intern;
	struct types *types;
	struct callsites *callsites; /* NULL: types are not told */
	struct symbolizer *symbolizer;
	struct counter_reader *counters;
	struct bucket_reader *bucket_reader; /* NULL: the list was not found */
	struct residence *residence;	     /* NULL: where its memory is cannot be told */
	double rate_bytes;		     /* MemProfileRate when it was last read */
	struct {
		struct bucket *items;
		size_t capacity, count;
	} buckets;			 /* typed and symbolised once each, in the reader's order */
	struct itab_reader *itab_reader; /* NULL: not asked for yet */
	struct {
		struct itab_entry *items;
		size_t capacity, count;
	} itabs;		/* named once each, in the reader's order */
	uint64_t unknown_types; /* of `buckets` */
	uint64_t invalid_buckets;
	struct generics_table *generics; /* NULL: not asked for yet, or not to be had */
	bool generics_asked;
	uint64_t named; /* stacks, of both kinds */
};

/* The function's point is verified and appended to the plan (target_plan.c). Reported. */
int target_add_point(struct target *target, const struct go_function *function,
		     enum probe_role role, struct probe_plan *plan);
/* The same for a function without a stack check (leaf_point.h). */
int target_add_leaf(struct target *target, const struct go_function *function, enum probe_role role,
		    struct probe_plan *plan);

#endif
