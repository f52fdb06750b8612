/*
 * Tables with columns as wide as what stands in them; a name that is longer than its column may be
 * keeps its beginning and its end, which tell more than the type arguments in between.
 */
#include "view/paper_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/utf8.h"

#define GAP	 "..."
#define GAP_WIDE 3

void paper_part_clear(struct paper_part *part)
{
	free(part->words);
	for (size_t i = 0; i < part->cells.count; i++)
		free(part->cells.items[i]);
	free(part->cells.items);
}

static unsigned int width_of(const char *text)
{
	unsigned int width = 0;
	uint32_t character;

	for (; *text; text += utf8_decode(text, &character))
		width++;
	return width;
}

static size_t put_one(const char *text, bool markdown, FILE *out)
{
	char bytes[4];
	uint32_t character;
	size_t used = utf8_decode(text, &character);

	character = utf8_shown(character);
	if (markdown && strchr("|*_`<[]\\", (int)character) && character < 0x80)
		fputc('\\', out);
	fwrite(bytes, 1, utf8_encode(character, bytes), out);
	return used;
}

static void put_words(const char *text, bool markdown, FILE *out)
{
	while (*text)
		text += put_one(text, markdown, out);
}

static void put_cut(const char *text, unsigned int width, unsigned int most, FILE *out)
{
	unsigned int head = (most - GAP_WIDE) / 2, tail = most - GAP_WIDE - head, at = 0;
	uint32_t character;

	for (; *text; at++) {
		if (at == head)
			fputs(GAP, out);
		if (at < head || at >= width - tail)
			text += put_one(text, false, out);
		else
			text += utf8_decode(text, &character);
	}
}

static void put_padding(unsigned int count, FILE *out)
{
	fprintf(out, "%*s", (int)count, "");
}

static void put_cell(const char *text, const struct paper_column *column, unsigned int room,
		     bool last, FILE *out)
{
	unsigned int width = width_of(text), shown = width > room ? room : width;

	if (column->right)
		put_padding(room - shown, out);
	if (width > room)
		put_cut(text, width, room, out);
	else
		put_words(text, false, out);
	if (!last)
		put_padding(column->right ? 2 : room - shown + 2, out);
}

static void measure_columns(const struct paper_part *part, unsigned int *rooms)
{
	for (size_t i = 0; i < part->column_count; i++)
		rooms[i] = part->columns[i].title ? width_of(part->columns[i].title) : 0;
	for (size_t i = 0; i < part->cells.count; i++) {
		unsigned int *room = &rooms[i % part->column_count];
		unsigned int width = width_of(part->cells.items[i]);

		*room = width > *room ? width : *room;
	}
	for (size_t i = 0; i < part->column_count; i++)
		if (part->columns[i].most && rooms[i] > part->columns[i].most)
			rooms[i] = part->columns[i].most;
}

static size_t last_shown(const struct paper_part *part)
{
	size_t last = 0;

	for (size_t i = 0; i < part->column_count; i++)
		last = part->columns[i].title ? i : last;
	return last;
}

static void write_line(const struct paper_part *part, const unsigned int *rooms, size_t last,
		       const char *const *cells, FILE *out)
{
	for (size_t i = 0; i < part->column_count; i++)
		if (part->columns[i].title)
			put_cell(cells ? cells[i] : part->columns[i].title, &part->columns[i],
				 rooms[i], i == last, out);
	fputc('\n', out);
}

static int write_text_table(const struct paper_part *part, FILE *out)
{
	unsigned int *rooms AUTO_FREE = calloc(part->column_count + 1, sizeof(*rooms));
	size_t last = last_shown(part);

	if (!rooms)
		return -ENOMEM;
	measure_columns(part, rooms);
	write_line(part, rooms, last, NULL, out);
	for (size_t i = 0; i + part->column_count <= part->cells.count; i += part->column_count)
		write_line(part, rooms, last, (const char *const *)&part->cells.items[i], out);
	return 0;
}

static void write_markdown_line(const struct paper_part *part, const char *const *cells, FILE *out)
{
	for (size_t i = 0; i < part->column_count; i++) {
		if (!part->columns[i].title)
			continue;
		fputs("| ", out);
		put_words(cells ? cells[i] : part->columns[i].title, true, out);
		fputc(' ', out);
	}
	fputs("|\n", out);
}

static void write_markdown_table(const struct paper_part *part, FILE *out)
{
	write_markdown_line(part, NULL, out);
	for (size_t i = 0; i < part->column_count; i++)
		if (part->columns[i].title)
			fputs(part->columns[i].right ? "| ---: " : "| :--- ", out);
	fputs("|\n", out);
	for (size_t i = 0; i + part->column_count <= part->cells.count; i += part->column_count)
		write_markdown_line(part, (const char *const *)&part->cells.items[i], out);
	fputc('\n', out);
}

static void write_words(const struct paper_part *part, bool markdown, bool first, FILE *out)
{
	bool heading = part->kind == PAPER_HEADING;

	if (heading && !first)
		fputc('\n', out);
	if (heading && markdown)
		fputs("## ", out);
	put_words(part->words, markdown, out);
	fputs(markdown ? "\n\n" : "\n", out);
}

int paper_part_write(const struct paper_part *part, bool markdown, bool first, FILE *out)
{
	if (part->kind != PAPER_TABLE)
		write_words(part, markdown, first, out);
	else if (part->cells.count == 0)
		return 0;
	else if (markdown)
		write_markdown_table(part, out);
	else
		return write_text_table(part, out);
	return ferror(out) ? -EIO : 0;
}
