/*
 * The tables of a recording. schema.sql documents each column; the columns of the metrics are added
 * from their registry, so that a metric that is added appears as a column.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#define SCHEMA_APPLICATION_ID 0x48544150 /* "HTAP" */
/* Grows with each change but added metrics: a column that a reader does not know it leaves alone,
 * one that is not there it takes as not known. */
#define SCHEMA_VERSION 2

#define SCHEMA_PAGE_BYTES 4096

/* All statements, to be freed; NULL without memory. */
char *schema_text(void);

#endif
