/* `heaptap report`: a verdict as text for people, as markdown for a ticket, as JSON for programs.
 */
#ifndef VIEW_REPORT_H
#define VIEW_REPORT_H

#include <stdio.h>

#include "judge/rule.h"

struct report_format {
	const char *name; /* "text", "markdown", "json" */
	/* 0 or -ENOMEM; errors of writing are the caller's to check. */
	int (*write)(FILE *out, const struct evidence *evidence, const struct verdict *verdict);
};
extern const struct report_format report_text, report_markdown, report_json;

#endif
