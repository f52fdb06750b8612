/* The schema's text: schema.sql with a column for every metric. */
#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/metric.h"

/* Relative to the folder that make runs in. The NUL makes it a string. */
__asm__(".pushsection .rodata\n"
	"schema_sql:\n"
	".incbin \"user/store/schema.sql\"\n"
	".byte 0\n"
	".popsection\n");
extern const char schema_sql[] __attribute__((visibility("hidden")));

/* Where the metrics' columns go. */
#define PLACE "/* METRICS */"

static void write_columns(FILE *out)
{
	for (size_t i = 0; i < metric_count(); i++)
		fprintf(out, "%s, %s %s", i ? "\n\t" : "", metrics[i].name,
			metrics[i].real ? "REAL" : "INTEGER");
}

char *schema_text(void)
{
	const char *place = strstr(schema_sql, PLACE);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fwrite(schema_sql, 1, (size_t)(place - schema_sql), out);
	write_columns(out);
	fputs(place + strlen(PLACE), out);
	if (fclose(out) == EOF) {
		free(text);
		return NULL;
	}
	return text;
}
