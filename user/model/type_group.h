/*
 * What the program does at run time about its own types: itabs that are added when a value of a
 * concrete type is first put into an interface, types that reflection makes, and how much of the
 * allocation is due to such work.
 */
#ifndef MODEL_TYPE_GROUP_H
#define MODEL_TYPE_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/share.h"
#include "model/stack.h"

enum type_event {
	TYPE_EVENT_ITAB,    /* runtime.itabAdd: a pair of interface and concrete type */
	TYPE_EVENT_REFLECT, /* reflect.addReflectOff with a new name: a type made by reflection */
	TYPE_EVENT_COUNT
};
/* "itab", "reflect": of the JSON and the recordings. */
const char *type_event_name(enum type_event event);

/* One kind of event by one stack, seen by probes. Exact. */
struct type_row {
	enum type_event event;
	uint64_t id;		   /* stable over the snapshots of one observation */
	const char *interface;	   /* itab; else NULL */
	const char *type;	   /* concrete type; NULL when not known */
	bool failed;		   /* itab: the type does not implement the interface */
	const struct stack *stack; /* leaf first; NULL when lost */
	uint64_t begun, interval;  /* since the probes came, in the interval */
};

/* One entry of the runtime's itab table (runtime/iface.go), read from outside. */
struct itab_entry {
	const char *interface, *type; /* NULL when not known */
	bool failed;		      /* a cached negative answer */
	bool fixed;		      /* made by the compiler, there from the start */
};

/* Owned by the snapshot. */
struct type_group {
	bool probed; /* `rows` has every event since the probes came, after the first snapshot */
	const char *note; /* why not, or NULL; interned or static */
	size_t count;
	struct type_row *rows; /* most of the interval first */
	/* The whole table, in the order in which its entries were first seen: within one
	 * observation entries are only appended. Empty when it could not be read. */
	size_t itab_count;
	struct itab_entry *itabs;
	/* Of what was allocated since the observation began, how much under reflection, interface
	 * conversion and itab work. NAN without rows to tell it from. */
	struct share metadata_bytes, metadata_objects;
};

/* Nothing is known. */
void type_group_init(struct type_group *group);
/* Frees what it holds and resets. */
void type_group_clear(struct type_group *group);
/* Copies the arrays. 0 or -ENOMEM, silent, *ret then untouched. */
int type_group_copy(const struct type_group *group, struct type_group *ret);
/* Most of the interval first, then most since the probes came, then by name. */
void type_group_sort(struct type_group *group);
/* Leaves what was added since `base`, an earlier moment of the same observation, as one interval.
 * The rows of `base` are sorted anew, else it stays as it is. */
void type_group_since(struct type_group *group, struct type_group *base);
/* Types that reflection made in the interval, as far as they were seen. */
int64_t type_group_made(const struct type_group *group);

#define AUTO_TYPE_GROUP __attribute__((cleanup(type_group_clear)))

#endif
