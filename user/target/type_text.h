/* The name of a type without one: rebuilt from its structure, as reflect writes it. For types made
 * by reflection, whose name is not in the executable. */
#ifndef TARGET_TYPE_TEXT_H
#define TARGET_TYPE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "target/type_reader.h"

/* Writes the terminated name into `text` (cut when it does not fit). 0 or -EBADMSG. Silent. */
int type_text(const struct type_reader *reader, const struct type_header *header,
	      unsigned int depth, char *text, size_t size);

/* The name of any type: its own when it has one in the executable, else rebuilt. */
int type_name_of(const struct type_reader *reader, uint64_t address, unsigned int depth, char *text,
		 size_t size);

#endif
