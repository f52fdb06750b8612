/*
 * Merging stacks. Built as a growing array of nodes whose children are found by a hash of (parent,
 * name); then copied into preorder, which needs no pointers and makes the output independent of the
 * order of records.
 */
#include "export/flame_tree.h"

#define HASH_NONFATAL_OOM 1
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "export/frames.h"
#include "model/table.h"

struct edge {
	uint32_t parent, name;
};

struct draft_node {
	UT_hash_handle hh;
	struct edge edge;
	uint32_t id; /* 0 is the root, which is no draft node */
	double self[VALUE_COUNT], base[VALUE_COUNT];
};

struct draft_name {
	UT_hash_handle hh;
	struct flame_name name;
	uint32_t id;
};

struct draft {
	struct draft_node *nodes; /* hash */
	struct draft_name *names;
	uint32_t node_count, name_count; /* nodes: with the root */
};

static void draft_clear(struct draft *draft)
{
	struct draft_node *node, *next_node;
	struct draft_name *name, *next_name;

	HASH_ITER (hh, draft->nodes, node, next_node) {
		HASH_DEL(draft->nodes, node);
		free(node);
	}
	HASH_ITER (hh, draft->names, name, next_name) {
		HASH_DEL(draft->names, name);
		free(name);
	}
}

bool flame_has_value(const struct snapshot *snapshot, enum value value)
{
	return !value_is_inuse(value) || snapshot->has_live;
}

enum value flame_first_value(const struct snapshot *snapshot, const struct export_options *options)
{
	if (flame_has_value(snapshot, options->value))
		return options->value;
	return value_is_bytes(options->value) ? VALUE_ALLOC_SPACE : VALUE_ALLOC_OBJECTS;
}

static struct draft_name *add_name(struct draft *draft, const struct frame *frame)
{
	size_t length = strlen(frame->function);
	struct draft_name *name;

	HASH_FIND(hh, draft->names, frame->function, length, name);
	if (name)
		return name;
	name = calloc(1, sizeof(*name));
	if (!name)
		return NULL;
	name->name = (struct flame_name){ frame->function, frame->file };
	name->id = draft->name_count++;
	HASH_ADD_KEYPTR(hh, draft->names, frame->function, length, name);
	if (!name->hh.tbl) { /* uthash could not grow */
		free(name);
		return NULL;
	}
	return name;
}

static int add_child(struct draft *draft, uint32_t parent, const struct frame *frame,
		     struct draft_node **ret)
{
	struct draft_name *name = add_name(draft, frame);
	struct edge edge = { parent, name ? name->id : 0 };

	if (!name)
		return -ENOMEM;
	HASH_FIND(hh, draft->nodes, &edge, sizeof(edge), *ret);
	if (*ret)
		return 0;
	if (draft->node_count >= LIMIT_FLAME_NODES)
		return -E2BIG;
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->edge = edge;
	(*ret)->id = draft->node_count++;
	HASH_ADD(hh, draft->nodes, edge, sizeof(edge), *ret);
	if (!(*ret)->hh.tbl) {
		free(*ret);
		return -ENOMEM;
	}
	return 0;
}

/* The node of a record's whole stack. */
static int add_stack(struct draft *draft, const struct record *record, struct draft_node **ret)
{
	struct frame_span span = frames_shown(record->stack);
	struct draft_node *node = NULL;

	for (uint32_t i = span.count; i-- > 0;) {
		int error = add_child(draft, node ? node->id : 0, &span.frames[i], &node);

		if (error < 0)
			return error;
	}
	*ret = node;
	return 0;
}

static int add_record(struct draft *draft, const struct record *record, bool from_start)
{
	struct draft_node *node;
	int error = add_stack(draft, record, &node);

	for (int value = 0; error == 0 && value < VALUE_COUNT; value++)
		node->self[value] += amount_value(record_amount(record, value, from_start), value);
	return error;
}

/* What is in use is no matter of how long was looked: it is compared as it is. */
static int add_base_record(struct draft *draft, const struct record *record,
			   const struct export_options *options)
{
	struct draft_node *node;
	int error = add_stack(draft, record, &node);

	for (int value = 0; error == 0 && value < VALUE_COUNT; value++)
		node->base[value] +=
			amount_value(record_amount(record, value, options->from_start), value) *
			(value_is_inuse(value) ? 1 : options->base_scale);
	return error;
}

static const char *node_function(const struct flame_tree *tree, const struct draft_node *node)
{
	return tree->names[node->edge.name].function;
}

/* Siblings side by side, the last name first: a stack of nodes to visit then pops them in order. */
static int compare_nodes(const void *left, const void *right, void *context)
{
	const struct draft_node *a = *(struct draft_node *const *)left;
	const struct draft_node *b = *(struct draft_node *const *)right;

	if (a->edge.parent != b->edge.parent)
		return a->edge.parent < b->edge.parent ? -1 : 1;
	return strcmp(node_function(context, b), node_function(context, a));
}

/* Scratch of the copy into preorder, by draft id where not said otherwise. */
struct layout {
	struct draft_node **sorted;  /* every node, siblings side by side */
	struct draft_node **pending; /* stack of nodes to be emitted */
	uint32_t *first;	     /* in sorted, of the node's children; one more at the end */
	uint32_t *order;	     /* the node's index in preorder */
};

static void layout_clear(struct layout *layout)
{
	free(layout->sorted);
	free(layout->pending);
	free(layout->first);
	free(layout->order);
}

static int layout_init(struct layout *layout, const struct draft *draft, struct flame_tree *tree)
{
	size_t room = draft->node_count + 1U;
	uint32_t count = 0;

	layout->sorted = calloc(room, sizeof(*layout->sorted));
	layout->pending = calloc(room, sizeof(*layout->pending));
	layout->first = calloc(room, sizeof(*layout->first));
	layout->order = calloc(room, sizeof(*layout->order));
	if (!layout->sorted || !layout->pending || !layout->first || !layout->order)
		return -ENOMEM;
	for (struct draft_node *node = draft->nodes; node; node = node->hh.next)
		layout->sorted[count++] = node;
	qsort_r(layout->sorted, count, sizeof(*layout->sorted), compare_nodes, tree);
	for (uint32_t i = 0; i < count; i++)
		layout->first[layout->sorted[i]->edge.parent + 1]++;
	for (uint32_t id = 0; id < draft->node_count; id++)
		layout->first[id + 1] += layout->first[id];
	return 0;
}

static uint32_t push_children(struct layout *layout, uint32_t id, uint32_t waiting)
{
	for (uint32_t i = layout->first[id]; i < layout->first[id + 1]; i++)
		layout->pending[waiting++] = layout->sorted[i];
	return waiting;
}

static void emit_preorder(struct flame_tree *tree, struct layout *layout)
{
	uint32_t waiting = push_children(layout, 0, 0);

	tree->count = 1;
	while (waiting) {
		const struct draft_node *from = layout->pending[--waiting];
		struct flame_node *to = &tree->nodes[tree->count];

		layout->order[from->id] = tree->count++;
		to->name = from->edge.name;
		to->parent = layout->order[from->edge.parent];
		to->depth = tree->nodes[to->parent].depth + 1;
		memcpy(to->self, from->self, sizeof(to->self));
		memcpy(to->base, from->base, sizeof(to->base));
		tree->depth = to->depth > tree->depth ? to->depth : tree->depth;
		waiting = push_children(layout, from->id, waiting);
	}
}

/* Children stand behind their parents, so going backwards every total is complete when it is added.
 */
static void add_up(struct flame_tree *tree)
{
	for (uint32_t i = tree->count; i-- > 0;) {
		struct flame_node *node = &tree->nodes[i], *parent = &tree->nodes[node->parent];

		if (node->end < i + 1)
			node->end = i + 1;
		for (int value = 0; value < VALUE_COUNT; value++)
			node->total[value] += node->self[value];
		if (i == 0)
			break;
		for (int value = 0; value < VALUE_COUNT; value++)
			parent->total[value] += node->total[value];
		if (parent->end < node->end)
			parent->end = node->end;
	}
}

static int finish(const struct draft *draft, struct flame_tree *tree)
{
	CLEANUP(layout_clear) struct layout layout = { 0 };
	int error;

	tree->nodes = calloc(draft->node_count, sizeof(*tree->nodes));
	tree->names = calloc(draft->name_count, sizeof(*tree->names));
	if (!tree->nodes || !tree->names)
		return -ENOMEM;
	tree->name_count = draft->name_count;
	for (const struct draft_name *name = draft->names; name; name = name->hh.next)
		tree->names[name->id] = name->name;
	error = layout_init(&layout, draft, tree);
	if (error < 0)
		return error;
	emit_preorder(tree, &layout);
	add_up(tree);
	return 0;
}

int flame_tree_build_pair(const struct snapshot *snapshot, const struct export_options *options,
			  struct flame_tree *ret)
{
	static const struct frame root = { .function = "all", .file = "" };
	const struct snapshot *base = options->base;
	CLEANUP(draft_clear) struct draft draft = { .node_count = 1 };
	struct flame_tree tree = { 0 };
	int error = add_name(&draft, &root) ? 0 : -ENOMEM;

	for (size_t i = 0; error == 0 && i < snapshot->record_count; i++)
		error = add_record(&draft, &snapshot->records[i], options->from_start);
	for (size_t i = 0; error == 0 && base && i < base->record_count; i++)
		error = add_base_record(&draft, &base->records[i], options);
	if (error == 0)
		error = finish(&draft, &tree);
	if (error < 0)
		flame_tree_clear(&tree);
	else
		*ret = tree;
	return error;
}

int flame_tree_build(const struct snapshot *snapshot, bool from_start, struct flame_tree *ret)
{
	const struct export_options options = { .from_start = from_start };

	return flame_tree_build_pair(snapshot, &options, ret);
}

void flame_tree_clear(struct flame_tree *tree)
{
	free(tree->nodes);
	free(tree->names);
	*tree = (struct flame_tree){ 0 };
}
