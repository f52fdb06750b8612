/*
 * What an allocation site allocates, told statically: the type descriptor that the compiled code
 * loads into the argument register just before it calls the allocator (98.9-99.9 % of all sites;
 * GLOSSARY: return address -> call -> backwards to the load).
 */
#ifndef TARGET_CALLSITE_H
#define TARGET_CALLSITE_H

#include <stddef.h>
#include <stdint.h>

#include "target/disassembly.h"
#include "target/go_binary.h"

enum callsite_shape {
	CALLSITE_UNKNOWN,
	CALLSITE_OBJECT,   /* one T: newobject, convT*, the size-specialised allocators */
	CALLSITE_ELEMENTS, /* T is the element type: makeslice, growslice, moveSlice, makeslicecopy:
			      shown as []T */
	CALLSITE_MAP,	   /* T is the map type whose table or group was allocated */
	CALLSITE_CHANNEL,  /* T is the channel type */
	CALLSITE_NAMED,	   /* no descriptor, but the callee says it: "string" (concatstrings,
			      convTstring), "[]uint8", "goroutine" ... */
};

#define CALLSITE_WORDS 3

struct callsite {
	enum callsite_shape shape;
	uint64_t type;	    /* link-time address of the descriptor; 0 for CALLSITE_NAMED */
	const char *name;   /* CALLSITE_NAMED: static string */
	const char *callee; /* the function called, borrowed from the image; NULL when the call was
			       not found */
	uint64_t callee_entry;
	uint64_t object_bytes;	 /* that the callee always asks for; 0: any number */
	uint64_t return_address; /* of the call */
	/* Boxing: the addresses that the code loads after the call, up to the next one. The type
	 * word of the interface, a descriptor or an itab, is among them; 0: no more. */
	uint64_t words[CALLSITE_WORDS];
};

struct callsites;
int callsites_new(const struct go_binary *binary, struct disassembler *disassembler,
		  struct callsites **ret);
void callsites_free(struct callsites *callsites);

/*
 * `pcs`: a stack of link-time return addresses, leaf first, one per logical frame, as in a
 * profiling bucket. Finds the innermost frame that is outside of the runtime and calls into the
 * allocator, and decodes that call. Cached by return address. Silent; CALLSITE_UNKNOWN when it
 * cannot be told.
 */
struct callsite callsite_of_stack(struct callsites *callsites, const uint64_t *pcs, size_t count);

#endif
