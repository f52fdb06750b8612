/* The comments of a recording's tables are its documentation, which may get better. */
#include "store/table_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(char c)
{
	return c && strchr(" \t\r\n", c);
}

static bool is_mark(char c)
{
	return c && strchr("(),;", c);
}

/* After the comment at `sql`, or `sql` when there is none. */
static const char *skip_comment(const char *sql)
{
	const char *end;

	if (!strncmp(sql, "--", 2))
		return sql + strcspn(sql, "\n");
	if (strncmp(sql, "/*", 2) != 0)
		return sql;
	end = strstr(sql + 2, "*/");
	return end ? end + 2 : sql + strlen(sql);
}

static const char *skip_gap(const char *sql)
{
	const char *begin;

	do {
		begin = sql;
		sql = skip_comment(sql);
		while (is_space(*sql))
			sql++;
	} while (sql != begin);
	return sql;
}

/* The length of what is one: a quoted name or text, or a character. */
static size_t piece_length(const char *sql)
{
	const char *end = *sql == '"' || *sql == '\'' || *sql == '`' ? strchr(sql + 1, *sql) : NULL;

	return end ? (size_t)(end + 1 - sql) : 1;
}

char *table_text_bare(const char *sql)
{
	char *bare = malloc(strlen(sql) + 1);
	size_t length = 0;

	if (!bare)
		return NULL;
	for (sql = skip_gap(sql); *sql;) {
		size_t piece = piece_length(sql);
		const char *next = skip_gap(sql + piece);

		memcpy(bare + length, sql, piece);
		length += piece;
		/* a comment parts words as well */
		if (next != sql + piece && *next && !is_mark(*next) && !is_mark(*sql))
			bare[length++] = ' ';
		sql = next;
	}
	bare[length] = 0;
	return bare;
}

void table_text_drop_last(char *bare)
{
	char *comma = strrchr(bare, ',');

	if (comma)
		strcpy(comma, ")");
}
