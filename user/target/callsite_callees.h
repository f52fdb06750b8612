/*
 * What a call into the allocator says about the type: which argument register holds the
 * descriptor, or what the function's name alone tells. The part of callsite that changes with Go
 * versions.
 */
#ifndef TARGET_CALLSITE_CALLEES_H
#define TARGET_CALLSITE_CALLEES_H

#include "target/callsite.h"
#include "target/disassembly.h"

struct callee {
	const char *name; /* of the function; a final '*' stands for any rest */
	enum callsite_shape shape;
	enum machine_register descriptor; /* REG_NONE: the name below is all there is */
	const char *type_name;	  /* of CALLSITE_NAMED; with a descriptor, what a nil one means */
	int from_minor, to_minor; /* Go versions, inclusive; 0: any */
	uint32_t object_bytes;	  /* that it always asks for; 0: any number */
};

/* NULL when the function is none of them in this version. */
const struct callee *callee_find(const char *function, int go_minor);

/* What is meant by a descriptor of the runtime's own that stands in for several types; NULL: it
 * means itself. */
const char *callee_special_type(const char *descriptor_name);

/* Is it one of the runtime's own functions, whose callers one wants to know? */
bool callee_is_runtime(const char *function, int go_minor);

#endif
