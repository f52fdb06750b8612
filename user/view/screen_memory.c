/* What the resident memory consists of: every part with its share and what it means, and what the
 * kernel counts beside it. */
#include <stdio.h>
#include <string.h>

#include "view/graph.h"
#include "base/number.h"
#include "view/ui.h"

#define BYTES_COLUMNS 8
#define SHARE_COLUMNS 6
#define BAR_COLUMNS   16
#define WIDE_FOR_BARS 110
#define NAME_COLUMNS  17

/* The lines: the sum, a line per part, and those beside it. */
enum { LINE_TOTAL, LINE_PARTS, LINE_BESIDE = LINE_PARTS + RSS_PART_COUNT };

struct line {
	int64_t bytes;
	const char *name, *meaning;
	enum style style; /* of the bar */
	bool beside;	  /* no part of the sum */
};

static enum style group_style(enum rss_group group)
{
	static const enum style styles[] = {
		[RSS_GROUP_HEAP] = STYLE_BAR_HEAP,	 [RSS_GROUP_STACKS] = STYLE_BAR_STACKS,
		[RSS_GROUP_RUNTIME] = STYLE_BAR_RUNTIME, [RSS_GROUP_FILE] = STYLE_BAR_FILE,
		[RSS_GROUP_OTHER] = STYLE_BAR_OTHER,
	};

	return styles[group];
}

static struct line beside(const struct rss *rss, size_t index)
{
	const struct line lines[] = {
		{ rss->page_tables_bytes, "page_tables", "the kernel's page tables, not in RSS",
		  STYLE_PLAIN, true },
		{ rss->swap_bytes, "swap", "swapped out, not in RSS", STYLE_PLAIN, true },
		{ UNKNOWN, NULL,
		  rss->named ? "The kernel names Go's mappings: what is native was read."
			     : "The kernel names no mappings of Go: what is native was worked out.",
		  STYLE_PLAIN, true },
	};

	return lines[index];
}
#define BESIDE_COUNT 3

static struct line line_at(const struct rss *rss, size_t index)
{
	enum rss_part part = (enum rss_part)(index - LINE_PARTS);

	if (index == LINE_TOTAL)
		return (struct line){ rss->total_bytes, "rss",
				      "all resident memory, as the kernel counts it", STYLE_BAR,
				      false };
	if (index >= LINE_BESIDE)
		return beside(rss, index - LINE_BESIDE);
	return (struct line){ rss->parts[part], rss_part_key(part), rss_part_meaning(part),
			      group_style(rss_part_group(part)), false };
}

static int head_lines(int rows)
{
	return rows < 40 ? 1 : rows / 6;
}

static struct cursor *cursor(struct ui *ui)
{
	return &ui->memory_cursor;
}

static size_t count(const struct ui *ui)
{
	return ui->parts.heap_bytes == UNKNOWN ? 0 : LINE_BESIDE + BESIDE_COUNT;
}

static bool matches(const struct ui *ui, size_t line, const char *needle)
{
	struct line found = line_at(&ui->parts, line);

	return (found.name && strcasestr(found.name, needle)) || strcasestr(found.meaning, needle);
}

static void refresh(struct ui *ui)
{
	(void)ui; /* drawn from the parts themselves */
}

static int bar_columns(const struct canvas *canvas)
{
	return canvas->columns >= WIDE_FOR_BARS ? BAR_COLUMNS + 1 : 0;
}

static int draw_titles(struct ui *ui, struct canvas *canvas, int row)
{
	int at = BYTES_COLUMNS + 1 + SHARE_COLUMNS + 2 + bar_columns(canvas);

	(void)ui;
	canvas_restyle(canvas, row, 0, canvas->columns, STYLE_COLUMN);
	canvas_put_right(canvas, row, 0, BYTES_COLUMNS, STYLE_COLUMN, "resident");
	canvas_put_right(canvas, row, BYTES_COLUMNS + 1, SHARE_COLUMNS, STYLE_COLUMN, "share");
	canvas_put(canvas, row, at, STYLE_COLUMN, "PART");
	canvas_put(canvas, row, at + NAME_COLUMNS + 1, STYLE_COLUMN, "what it is");
	return 1;
}

static void draw_line(const struct ui *ui, struct canvas *canvas, int row, size_t index)
{
	struct line line = line_at(&ui->parts, index);
	double share = (double)line.bytes / (double)ui->parts.total_bytes;
	enum style style = line.bytes == 0 ? STYLE_DIM : STYLE_PLAIN;
	int at = BYTES_COLUMNS + 1 + SHARE_COLUMNS + 2;

	if (!line.name) {
		canvas_put_left(canvas, row, 0, canvas->columns, STYLE_DIM, line.meaning);
		return;
	}
	canvas_put_right(canvas, row, 0, BYTES_COLUMNS, style,
			 number_bytes((double)line.bytes).text);
	if (!line.beside) {
		canvas_put_right(canvas, row, BYTES_COLUMNS + 1, SHARE_COLUMNS, style,
				 number_share(share).text);
		if (bar_columns(canvas)) {
			graph_bar(canvas, row, at, BAR_COLUMNS, share);
			canvas_restyle(canvas, row, at, BAR_COLUMNS, line.style);
		}
	}
	at += bar_columns(canvas);
	canvas_put_left(canvas, row, at, NAME_COLUMNS, line.bytes ? STYLE_STRONG : STYLE_DIM,
			line.name);
	at += NAME_COLUMNS + 1;
	canvas_put_left(canvas, row, at, canvas->columns - at, style, line.meaning);
}

static void draw_lines(struct ui *ui, struct canvas *canvas, int row, int rows)
{
	size_t top = ui->memory_cursor.top, marked = ui_marked(ui);

	if (!count(ui))
		canvas_put(canvas, row, 0, STYLE_DIM,
			   "what the resident memory consists of is not known");
	for (size_t i = top; i < count(ui) && i < top + (size_t)rows; i++) {
		draw_line(ui, canvas, row + (int)(i - top), i);
		if (i == marked)
			canvas_restyle(canvas, row + (int)(i - top), 0, canvas->columns,
				       STYLE_SELECTED);
	}
}

static void describe(const struct ui *ui, char *out, size_t out_size)
{
	(void)ui;
	snprintf(out, out_size, "parts that sum to rss, and what is beside it");
}

const struct screen screen_memory = {
	.scrolls = true,
	.head_lines = head_lines,
	.cursor = cursor,
	.count = count,
	.matches = matches,
	.refresh = refresh,
	.describe = describe,
	.draw_titles = draw_titles,
	.draw_lines = draw_lines,
	.actions = { [KEY_BACK] = ui_to_table,
		     [KEY_QUIT] = ui_to_table,
		     [KEY_MEMORY] = ui_to_table },
};
