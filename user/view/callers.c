/* A tree of callers. Frames merge by function; a chain without branches stays at one indentation,
 * so that deep stacks fit on a screen. */
#include "view/callers.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "base/number.h"

#define NONE SIZE_MAX

/* Nodes refer to each other by index: the array moves when it grows. */
struct node {
	const struct frame *frame; /* the heaviest record's */
	double value;
	size_t first_child, next_sibling;
};

struct tree {
	struct node *items; /* the first is the root, without a frame */
	size_t count, capacity;
};

static void tree_free(struct tree *tree)
{
	free(tree->items);
}

static size_t add_node(struct tree *tree, const struct frame *frame)
{
	if (VEC_RESERVE(tree, tree->count + 1, LIMIT_ROWS) < 0)
		return NONE;
	tree->items[tree->count] = (struct node){ frame, 0, NONE, NONE };
	return tree->count++;
}

static size_t find_child(const struct tree *tree, size_t parent, const char *function)
{
	size_t child = tree->items[parent].first_child;

	while (child != NONE && strcmp(tree->items[child].frame->function, function))
		child = tree->items[child].next_sibling;
	return child;
}

static size_t child_of(struct tree *tree, size_t parent, const struct frame *frame)
{
	size_t child = find_child(tree, parent, frame->function);

	if (child != NONE)
		return child;
	child = add_node(tree, frame);
	if (child == NONE)
		return NONE;
	tree->items[child].next_sibling = tree->items[parent].first_child;
	tree->items[parent].first_child = child;
	return child;
}

static bool add_stack(struct tree *tree, const struct stack *stack, double value)
{
	size_t node = 0;

	tree->items[node].value += value;
	for (uint32_t i = stack_runtime_prefix(stack); i < stack->count; i++) {
		node = child_of(tree, node, &stack->frames[i]);
		if (node == NONE)
			return false;
		tree->items[node].value += value;
	}
	return true;
}

/* The heaviest child that has not been written; takes it out of the list. */
static size_t take_heaviest(struct tree *tree, size_t parent)
{
	size_t *best = NULL, taken;

	for (size_t *link = &tree->items[parent].first_child; *link != NONE;
	     link = &tree->items[*link].next_sibling)
		if (!best || tree->items[*link].value > tree->items[*best].value)
			best = link;
	if (!best)
		return NONE;
	taken = *best;
	*best = tree->items[taken].next_sibling;
	return taken;
}

static size_t count_children(const struct tree *tree, size_t parent, double least)
{
	size_t count = 0;

	for (size_t child = tree->items[parent].first_child; child != NONE;
	     child = tree->items[child].next_sibling)
		count += tree->items[child].value >= least;
	return count;
}

static void write_node(const struct node *node, double sum, int depth, struct page *page)
{
	const struct frame *frame = node->frame;

	page_add(page, STYLE_PLAIN, "  %6s  %*s%s  %s:%u", number_share(node->value / sum).text,
		 depth * 2, "", frame->function, *frame->file ? frame->file : "?", frame->line);
}

static void write_lighter(const struct tree *tree, size_t parent, double sum, int depth,
			  struct page *page)
{
	double value = 0;
	size_t count = 0;

	for (size_t child = tree->items[parent].first_child; child != NONE;
	     child = tree->items[child].next_sibling) {
		value += tree->items[child].value;
		count++;
	}
	if (count)
		page_add(page, STYLE_DIM, "  %6s  %*s%zu lighter callers",
			 number_share(value / sum).text, depth * 2, "", count);
}

/* Recursion is bounded by the length of a stack, LIMIT_STACK_FRAMES. */
static void write_children(struct tree *tree, size_t parent, double least, int depth,
			   struct page *page)
{
	double sum = tree->items[0].value;
	size_t heavy = count_children(tree, parent, least);
	int deeper = depth + (heavy > 1);

	for (size_t i = 0; i < heavy; i++) {
		size_t child = take_heaviest(tree, parent);

		write_node(&tree->items[child], sum, deeper, page);
		write_children(tree, child, least, deeper, page);
	}
	write_lighter(tree, parent, sum, deeper, page);
}

void callers_write(const struct row *row, enum value value, double least_share, struct page *page)
{
	CLEANUP(tree_free) struct tree tree = { 0 };
	bool whole = add_node(&tree, NULL) == 0;

	for (size_t i = 0; whole && i < row->record_count; i++) {
		const struct record *record = row->records[i];
		double weight = amount_value(record_amount(record, value, false), value);

		if (record->stack && weight > 0)
			whole = add_stack(&tree, record->stack, weight);
	}
	if (whole && tree.items[0].value > 0)
		write_children(&tree, 0, tree.items[0].value * least_share, 0, page);
	else
		page_add(page, STYLE_DIM, "  %s",
			 whole ? "no stack with this value" : "out of memory, or too many");
}
