/*
 * A flame graph as a picture: the root at the bottom, widths in proportion to the value, every
 * frame with its exact numbers as a tooltip. Needs no script; the HTML format is the one to explore
 * with.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/xml.h"
#include "export/flame_tree.h"
#include "export/formats.h"
#include "limits.h"
#include "model/goname.h"

#define WIDTH	   1200.0
#define MARGIN	   10.0
#define ROW	   17.0
#define HEAD	   44.0
#define FOOT	   24.0
#define CHARACTER  6.6 /* widest advance of the 11 px monospace text */
#define NARROWEST  0.3 /* px; what is narrower is not drawn, and its share told */
#define TEXT_START 3.0

struct drawing {
	FILE *out;
	const struct flame_tree *tree;
	enum value value;
	double scale; /* px per unit of the value */
	double height;
	double left_out; /* of the value, in frames too narrow to draw */
};

/* One hue per package, so that what belongs together looks it; warm ones only for main. */
static unsigned int package_hue(const char *function)
{
	char package[512];
	unsigned int hash = 2166136261U;

	goname_package(function, package, sizeof(package));
	if (!strcmp(package, "main"))
		return 28;
	for (const char *at = package; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	return 60 + hash % 280;
}

static struct number shown(const struct drawing *drawing, double number)
{
	return value_is_bytes(drawing->value) ? number_bytes(number) : number_count(number);
}

static void put_title(const struct drawing *drawing, const struct flame_node *node)
{
	double all = drawing->tree->nodes[0].total[drawing->value];
	fputs("<title>", drawing->out);
	xml_put(drawing->out, drawing->tree->names[node->name].function, LIMIT_NAME_BYTES);
	fprintf(drawing->out, "\n%s: %s (%.0f, %.2f %%), self %s (%.0f)</title>",
		value_name(drawing->value), shown(drawing, node->total[drawing->value]).text,
		node->total[drawing->value], all > 0 ? 100 * node->total[drawing->value] / all : 0,
		shown(drawing, node->self[drawing->value]).text, node->self[drawing->value]);
}

static void put_label(const struct drawing *drawing, const char *function, double x, double y,
		      double width)
{
	char name[LIMIT_NAME_BYTES];
	size_t room = (size_t)((width - 2 * TEXT_START) / CHARACTER), length;

	if (width < 2 * TEXT_START + 3 * CHARACTER)
		return;
	goname_short(function, 24, name, sizeof(name));
	length = strlen(name);
	fprintf(drawing->out, "<text x=\"%.1f\" y=\"%.1f\">", x + TEXT_START, y + ROW - 5);
	xml_put(drawing->out, name, length <= room ? length : room - 2);
	fputs(length <= room ? "</text>" : "..</text>", drawing->out);
}

static void put_node(const struct drawing *drawing, const struct flame_node *node, double x,
		     double width)
{
	const char *function = drawing->tree->names[node->name].function;
	double y = drawing->height - FOOT - ROW * (node->depth + 1);

	fputs("<g>", drawing->out);
	put_title(drawing, node);
	fprintf(drawing->out,
		"<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%.0f\" "
		"fill=\"hsl(%u,%d%%,%d%%)\"/>",
		x, y, width, ROW - 1, node->depth ? package_hue(function) : 0, node->depth ? 62 : 0,
		node->depth ? 68 : 82);
	put_label(drawing, function, x, y, width);
	fputs("</g>\n", drawing->out);
}

/* Preorder has a subtree in one piece, so one too narrow to be seen is stepped over at once. `x` is
 * where the next child at each depth goes. */
static int put_nodes(struct drawing *drawing)
{
	const struct flame_tree *tree = drawing->tree;
	double *x AUTO_FREE = calloc(tree->depth + 2U, sizeof(*x));

	if (!x)
		return -ENOMEM;
	x[0] = MARGIN;
	for (uint32_t i = 0; i < tree->count;) {
		const struct flame_node *node = &tree->nodes[i];
		double width = node->total[drawing->value] * drawing->scale, left = x[node->depth];

		x[node->depth] += width;
		x[node->depth + 1] = left;
		if (width < NARROWEST) {
			drawing->left_out += node->total[drawing->value];
			i = node->end;
			continue;
		}
		put_node(drawing, node, left, width);
		i++;
	}
	return 0;
}

/* The deepest row that has something wide enough. */
static uint32_t drawn_depth(const struct flame_tree *tree, enum value value, double scale)
{
	uint32_t depth = 0;

	for (uint32_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].total[value] * scale >= NARROWEST &&
		    tree->nodes[i].depth > depth)
			depth = tree->nodes[i].depth;
	return depth;
}

static void put_head(const struct drawing *drawing, const struct snapshot *snapshot,
		     const struct export_options *options)
{
	fprintf(drawing->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\" font-family=\"monospace\" font-size=\"11\">\n"
		"<style>rect{stroke:none}g:hover>rect{stroke:#000;stroke-width:.8}"
		"text{fill:#111;pointer-events:none}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fbfbf8\"/>\n"
		"<text x=\"%.0f\" y=\"20\" font-size=\"15\" font-weight=\"bold\">",
		WIDTH, drawing->height, WIDTH, drawing->height, MARGIN);
	xml_put(drawing->out, options->title ? options->title : "", 80);
	fprintf(drawing->out, "</text>\n<text x=\"%.0f\" y=\"37\">%s, %s, %s", MARGIN,
		value_name(drawing->value),
		shown(drawing, drawing->tree->nodes[0].total[drawing->value]).text,
		value_is_inuse(drawing->value) ? "alive at the end"
		: options->from_start	       ? "since the process started"
					       : "while observed");
	if (snapshot_losses(snapshot))
		fputs(" - the data has losses", drawing->out);
	fputs("</text>\n", drawing->out);
}

static void put_foot(const struct drawing *drawing)
{
	fprintf(drawing->out, "<text x=\"%.0f\" y=\"%.0f\">", MARGIN, drawing->height - 8);
	if (drawing->left_out > 0)
		fprintf(drawing->out, "Frames too narrow to draw: %s. ",
			shown(drawing, drawing->left_out).text);
	fputs("Hover for exact numbers.</text>\n</svg>\n", drawing->out);
}

static int svg_write(FILE *out, const struct snapshot *snapshot,
		     const struct export_options *options)
{
	CLEANUP(flame_tree_clear) struct flame_tree tree = { 0 };
	struct drawing drawing = { .out = out,
				   .tree = &tree,
				   .value = flame_first_value(snapshot, options) };
	int error = flame_tree_build(snapshot, options->from_start, &tree);

	if (error < 0)
		return error;
	if (tree.nodes[0].total[drawing.value] > 0)
		drawing.scale = (WIDTH - 2 * MARGIN) / tree.nodes[0].total[drawing.value];
	drawing.height = HEAD + FOOT + ROW * (drawn_depth(&tree, drawing.value, drawing.scale) + 1);
	put_head(&drawing, snapshot, options);
	error = put_nodes(&drawing);
	if (error < 0)
		return error;
	put_foot(&drawing);
	return ferror(out) ? -EIO : 0;
}

const struct exporter exporter_svg = {
	.name = "svg",
	.suffix = ".svg",
	.summary = "flame graph as a picture",
	.write = svg_write,
};
