/* All stacks of a snapshot merged into one tree of functions, for formats that draw or list it. */
#ifndef EXPORT_FLAME_TREE_H
#define EXPORT_FLAME_TREE_H

#include <stdint.h>

#include "exporter.h"

/* Nodes stand in preorder: children follow their parent, in the order of their names, and `end` is
 * where the node's subtree ends. So the first child of i is i + 1 (if < end), the next sibling of c
 * is nodes[c].end. */
struct flame_node {
	uint32_t name; /* index into names */
	uint32_t parent, end, depth;
	double self[VALUE_COUNT], total[VALUE_COUNT];
	double base[VALUE_COUNT]; /* self, of what the tree is compared with */
};

struct flame_name {
	const char *function, *file; /* borrowed from the snapshot; "" when not known */
};

struct flame_tree {
	struct flame_node *nodes;	   /* nodes[0] is the root, "all" */
	uint32_t count, name_count, depth; /* depth: of the deepest node */
	struct flame_name *names;
};

/* Whether the snapshot knows the value at all. */
bool flame_has_value(const struct snapshot *snapshot, enum value value);
/* The value that a format shows first: the one asked for, or its alloc counterpart where what is
 * alive is not known. */
enum value flame_first_value(const struct snapshot *snapshot, const struct export_options *options);

/* 0, -ENOMEM, or -E2BIG beyond LIMIT_FLAME_NODES. The snapshot must outlive the tree. */
#define LIMIT_FLAME_NODES (16U << 20)
int flame_tree_build(const struct snapshot *snapshot, bool from_start, struct flame_tree *ret);
/* The same with the options' base: every stack of both is in the tree. */
int flame_tree_build_pair(const struct snapshot *snapshot, const struct export_options *options,
			  struct flame_tree *ret);
void flame_tree_clear(struct flame_tree *tree);

#endif
