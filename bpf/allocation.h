/*
 * The programs of an allocation's probes: mallocgc forwards sizes up to alloc_min_bytes to
 * functions of one size class each (Go 1.26), which are probed as well and must not count twice.
 */
#ifndef HEAPTAP_ALLOCATION_H
#define HEAPTAP_ALLOCATION_H

#include "core.h"

const volatile __u64 alloc_min_bytes __weak = 0;

/* NAME_alloc for mallocgc, NAME_sized for the others, NAME_multi for all by one uprobe_multi link;
 * each calls count(ctx, ignored_bytes). */
#define ALLOCATION_PROGRAMS(name, count)                                                           \
	SEC("uprobe")                                                                              \
	int name##_alloc(struct pt_regs *ctx)                                                      \
	{                                                                                          \
		return count(ctx, alloc_min_bytes);                                                \
	}                                                                                          \
	SEC("uprobe")                                                                              \
	int name##_sized(struct pt_regs *ctx)                                                      \
	{                                                                                          \
		return count(ctx, 0);                                                              \
	}                                                                                          \
	SEC("uprobe")                                                                              \
	int name##_multi(struct pt_regs *ctx)                                                      \
	{                                                                                          \
		bool sized = bpf_get_attach_cookie(ctx) != WIRE_COOKIE_ALLOC;                      \
                                                                                                   \
		return count(ctx, sized ? 0 : alloc_min_bytes);                                    \
	}

#endif
