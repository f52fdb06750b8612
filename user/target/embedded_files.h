/*
 * Files that were embedded as an embed.FS (go:embed), found in a file without symbols and without
 * guessing: an embed.FS points to a slice header whose data is right behind it, and beside every
 * file stands a hash of its contents, which is computed again here.
 */
#ifndef TARGET_EMBEDDED_FILES_H
#define TARGET_EMBEDDED_FILES_H

#include <stdbool.h>

#include "target/elf_image.h"
#include "target/image_memory.h"

#define EMBEDDED_HASH_BYTES 16

struct embedded_file {
	uint64_t list;	   /* address of the slice that it is in: one per embed.FS */
	struct span name;  /* borrowed from the image */
	struct span bytes; /* the same; the same address twice: stored once */
	uint64_t address;  /* of the bytes; meaningless when there are none */
	uint8_t hash[EMBEDDED_HASH_BYTES]; /* as the compiler wrote it */
};

/* False ends the walk. */
typedef bool (*embedded_file_visitor)(void *context, const struct embedded_file *file);

/*
 * Every file of every list that is sound as a whole, directories left out. Lists with a file whose
 * hash is not that of its bytes are none. Whether all was looked at: contents are stored once, so
 * that a file whose contents are many times itself is damaged, or made to keep us busy, and the
 * walk ends there. True also when the visitor ended it.
 */
bool embedded_files_walk(const struct elf_image *image, struct image_memory *memory,
			 embedded_file_visitor visit, void *context);

/* So many times all of the image is hashed at most: several embed.FS may have the same files. */
#define EMBEDDED_HASHED_TIMES 16

#endif
