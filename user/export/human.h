/* Numbers as people read them. */
#ifndef EXPORT_HUMAN_H
#define EXPORT_HUMAN_H

#include <stdbool.h>
#include <stddef.h>

/* "1.50 MiB", "12.3 k", "17": three digits, binary units for bytes, decimal ones for counts. */
void human_number(double value, bool bytes, char *out, size_t out_size);

#endif
