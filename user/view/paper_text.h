/* The parts of a paper, for people: text and Markdown. */
#ifndef VIEW_PAPER_TEXT_H
#define VIEW_PAPER_TEXT_H

#include "view/paper.h"

enum paper_kind { PAPER_HEADING, PAPER_SENTENCE, PAPER_TABLE };

struct paper_part {
	enum paper_kind kind;
	char *words; /* of a heading or sentence */
	const struct paper_column *columns;
	size_t column_count;
	struct {
		char **items;
		size_t count, capacity;
	} cells; /* row by row */
};

void paper_part_clear(struct paper_part *part);
/* `first`: nothing stands before it. 0, -ENOMEM or -EIO. */
int paper_part_write(const struct paper_part *part, bool markdown, bool first, FILE *out);

#endif
