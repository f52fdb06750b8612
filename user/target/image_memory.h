/*
 * An executable file as the memory of a process that was loaded where it was linked: what the
 * dynamic linker would write (the pointers of a PIE) is in place. Through it, everything that reads
 * a process reads a file.
 */
#ifndef TARGET_IMAGE_MEMORY_H
#define TARGET_IMAGE_MEMORY_H

#include "target/elf_image.h"
#include "target/memory.h"

struct image_memory;

/* `image` is borrowed. 0 or -ENOMEM, silent. Of the relocations, R_X86_64_RELATIVE are applied. */
int image_memory_new(const struct elf_image *image, struct image_memory **ret);
void image_memory_free(struct image_memory *memory);

/* Valid as long as `memory`. Reads fail with -EFAULT outside of the file's segments. */
struct memory *image_memory_reader(struct image_memory *memory);

/* One relocated word: where it is and what it will be. */
struct image_pointer {
	uint64_t address, value;
};
/* All of them, by address; their number is 0 where the file is no PIE. */
const struct image_pointer *image_memory_pointers(const struct image_memory *memory,
						  size_t *ret_count);

#endif
