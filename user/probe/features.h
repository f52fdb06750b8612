/* What the kernel can do, found out by asking it for the thing and never by its version. */
#ifndef PROBE_FEATURES_H
#define PROBE_FEATURES_H

#include <stdbool.h>

/* BPF_TRACE_UPROBE_MULTI of enum bpf_attach_type, which the kernel headers of Debian 12 lack. */
#define FEATURE_UPROBE_MULTI ((enum bpf_attach_type)48)

/* Loads the shortest program of our kind: 0, or the kernel's errno (-EPERM without privileges).
 * Silent. */
int feature_load_program(void);
/* Makes the smallest map: 0 or the kernel's errno. Silent. */
int feature_make_map(void);
/* Whether links for several uprobes exist (6.6). Needs the right to load programs. Silent. */
bool feature_uprobe_multi(void);
/* Whether perf events for uprobes exist. Silent. */
bool feature_uprobe_perf(void);

#endif
