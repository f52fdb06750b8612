/* Statements that create tables, as texts. */
#ifndef STORE_TABLE_TEXT_H
#define STORE_TABLE_TEXT_H

/* What the statement says, without comments, and with white space only where it parts words: texts
 * that are equal make the same table. To be freed; NULL without memory. */
char *table_text_bare(const char *sql);

/* The same table without its last column, in place; of such as have neither constraints nor options
 * behind their columns. */
void table_text_drop_last(char *bare);

#endif
