/*
 * The embedded BPF object, of which each collector loads only its own programs and maps. One load
 * is for one target: its number is constant data of the programs.
 */
#ifndef PROBE_OBJECT_H
#define PROBE_OBJECT_H

#include <stddef.h>
#include <sys/types.h>

#include "probe/attach.h"

struct heaptap_bpf;
struct bpf_map;

/* Everything is off at first. Reported on failure. */
int object_open(struct heaptap_bpf **ret);
void object_free(struct heaptap_bpf *object);

/* Those programs that `way` attaches, prepared for it. */
void object_want_programs(enum attach_way way, const struct attach_programs *programs);
/* entries 0: as many as declared. */
void object_want_map(struct bpf_map *map, size_t entries);

/* Into the kernel, for the target `pid`, a number of our own PID namespace. Reported on failure. */
int object_load(struct heaptap_bpf *object, pid_t pid);

static inline void object_cleanup(struct heaptap_bpf **object)
{
	object_free(*object);
}

#endif
