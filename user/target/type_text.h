/* The name of a type from its descriptor: its own when it has one in the executable; rebuilt from
 * its structure, as reflect writes it, when it was made by reflection. */
#ifndef TARGET_TYPE_TEXT_H
#define TARGET_TYPE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "target/type_reader.h"

/* Writes the terminated name into `text` (cut when it does not fit); `depth` is how deep the type
 * is nested in another, 0 for none. 0, -EBADMSG - also for a named type of another module - or the
 * error of the read. Silent. */
int type_name_of(const struct type_reader *reader, uint64_t address, unsigned int depth, char *text,
		 size_t size);

/* The same, as reflect wrote it before Go 1.23: embedded fields with their name and their type. */
int type_name_before_1_23(const struct type_reader *reader, uint64_t address, char *text,
			  size_t size);

#endif
