/*
 * Functions with the prologue and the register arguments of Go's, whose calls a test can count.
 * They are in the test program itself; its forked children call them.
 */
#ifndef TESTS_BPF_GO_LIKE_H
#define TESTS_BPF_GO_LIKE_H

#include <stdint.h>

#include "probe_plan.h"

/* What a call looks like to a probe. */
struct call {
	uint64_t a, b;	    /* AX, BX */
	uint64_t retries;   /* how often the stack check fails first */
	const void *frame;  /* RBP: a chain of frame records, or NULL */
	uint64_t bad_stack; /* RSP at the branch, 0: the real one */
	uint64_t c, d;	    /* CX, DI */
};

/* What a call leaves in memory: the saved frame pointer, and above it the return address. */
struct frame_record {
	const struct frame_record *next;
	uint64_t pc;
};

enum go_like {
	LIKE_BIRTH,
	LIKE_DEATH,
	LIKE_ALLOC,
	LIKE_SIZED,
	LIKE_CYCLE_START,
	LIKE_MARK_END,
	LIKE_TRANSITION,
	LIKE_WORLD_STOP,
	LIKE_WORLD_START,
};

void like_call(enum go_like function, const struct call *call);
/* Where every stack begins: the return address into the function's caller. */
uint64_t like_return_address(enum go_like function);

/* A point on that function, as `target` would find it. */
void like_add_point(struct probe_plan *plan, enum go_like function,
		    enum probe_instruction instruction);
/* The bytes under the probe; another process's text looks the same while it is untouched. */
const volatile uint8_t *like_site(enum go_like function, enum probe_instruction instruction);

#endif
