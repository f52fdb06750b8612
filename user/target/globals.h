/*
 * Addresses of the runtime's global variables: by symbol when the file has symbols, else by the
 * k-th pc-relative reference of a named function, two rules per variable that must agree. The rules
 * and how often they were right: GLOBAL_RULES in globals.c.
 */
#ifndef TARGET_GLOBALS_H
#define TARGET_GLOBALS_H

#include <stdint.h>

#include "target/go_binary.h"
#include "target/layout.h"

struct disassembler; /* target/disassembly.h */

/* X(member, symbol). Link-time addresses; 0 when it could not be found or the rules disagree. */
#define GLOBALS(X)                                                                                 \
	X(mbuckets, "runtime.mbuckets")                                                            \
	X(mem_profile_rate, "runtime.MemProfileRate")                                              \
	X(emptymspan, "runtime.emptymspan")                                                        \
	X(itab_table, "runtime.itabTable")                                                         \
	X(allp, "runtime.allp")                                                                    \
	X(memstats, "runtime.memstats")                                                            \
	X(gc_controller, "runtime.gcController")                                                   \
	X(mheap, "runtime.mheap_")                                                                 \
	X(mprof_cycle, "runtime.mProfCycle")                                                       \
	X(reflect_offs, "runtime.reflectOffs")                                                     \
	X(gomaxprocs, "runtime.gomaxprocs")                                                        \
	X(work, "runtime.work")                                                                    \
	X(sched, "runtime.sched")                                                                  \
	X(allglen, "runtime.allglen")                                                              \
	X(debug, "runtime.debug")

struct globals {
#define GLOBAL_MEMBER(member, symbol) uint64_t member;
	GLOBALS(GLOBAL_MEMBER)
#undef GLOBAL_MEMBER
};

/* Never fails as a whole: what is not found stays 0, and the user of a variable refuses.
 * `by_rules_only` ignores symbols (for the test that compares both). 0 or -ENOMEM. */
int globals_find(const struct go_binary *binary, const struct layout *layout,
		 struct disassembler *disassembler, int by_rules_only, struct globals *ret);

#endif
