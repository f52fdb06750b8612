/*
 * A report on paper: headings, sentences and tables, described once and written as text for people,
 * as Markdown, or as JSON for programs.
 *
 * In JSON the paper is one object: facts stand in it by their key, and so does each table, as an
 * array of one object per row. Headings and sentences are for people only; tables and columns
 * without a key too.
 */
#ifndef VIEW_PAPER_H
#define VIEW_PAPER_H

#include <stdbool.h>
#include <stdio.h>

enum paper_form { PAPER_TEXT, PAPER_MARKDOWN, PAPER_JSON };

struct paper;

/* The writing functions return nothing: what goes wrong meanwhile is kept and returned by
 * paper_write. `schema`: "heaptap.diff/1", of the JSON. 0 or -ENOMEM, silent. */
int paper_new(const char *schema, struct paper **ret);
void paper_free(struct paper *paper);

void paper_heading(struct paper *paper, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* One line, or one paragraph. */
void paper_say(struct paper *paper, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Facts of the JSON; `path` may name an object in it: "before.losses.map_full". NAN is null. */
void paper_fact_text(struct paper *paper, const char *path, const char *text); /* NULL: null */
void paper_fact_number(struct paper *paper, const char *path, double number);

struct paper_column {
	const char *title; /* NULL: only in the JSON */
	const char *key;   /* NULL: only on paper */
	bool right;	   /* numbers */
	unsigned int most; /* characters at most in text; longer names lose their middle. 0: any */
};

/* Begins a table; the columns are borrowed until paper_free. Rows are added to the newest one. A
 * table of the key of an earlier one goes on with its array. */
void paper_table(struct paper *paper, const char *key, const struct paper_column *columns,
		 size_t count);
/* Cells of the newest table in the order of its columns; a row is complete with the last one.
 * `shown` is for people; the JSON has the number, or the text itself where there is none. */
void paper_number(struct paper *paper, double number, const char *shown);
void paper_text(struct paper *paper, const char *text);

/* 0, -ENOMEM, or -EIO. Silent. */
int paper_write(const struct paper *paper, enum paper_form form, FILE *out);

#endif
