/*
 * An executable file as bytes with an address space: segments, sections when there are any, symbols
 * when there are any. Reads the headers itself, over the structures of <elf.h>: no more is needed,
 * and libelf refuses files whose section headers were cut off. The file is untrusted: everything is
 * bounds-checked and capped (limits.h).
 */
#ifndef TARGET_ELF_IMAGE_H
#define TARGET_ELF_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct elf_image;

/*
 * Maps the file behind `fd` (kept open by the caller only until this returns). `label` names it in
 * messages. Accepts 64-bit little-endian x86-64 ET_EXEC and ET_DYN. Everything else is reported
 * (not ELF, 32-bit, other machine, truncated) and gives a negative errno.
 */
int elf_image_open(int fd, const char *label, struct elf_image **ret);
/* The same over bytes in memory, which must outlive the image: for tests and fuzzing. */
int elf_image_from_bytes(struct span bytes, const char *label, struct elf_image **ret);
void elf_image_free(struct elf_image *image);

/* The whole file, for libdw. */
struct span elf_image_bytes(const struct elf_image *image);
bool elf_image_is_pie(const struct elf_image *image); /* ET_DYN */
const char *elf_image_label(const struct elf_image *image);

struct elf_segment {
	uint64_t address, memory_bytes, file_offset, file_bytes;
	bool executable, writable;
};
/* Loadable segments only, by index; false past the last one. */
bool elf_image_segment(const struct elf_image *image, size_t index, struct elf_segment *ret);

/* The bytes of a section by name, with its link-time address (may be NULL to ignore); empty span
 * when there is none. */
struct span elf_image_section(const struct elf_image *image, const char *name,
			      uint64_t *ret_address);

/* File-backed bytes at a link-time address up to the end of its segment; empty when there are none.
 */
struct span elf_image_at(const struct elf_image *image, uint64_t address);

/* Where in the file the byte at a link-time address is. -ENOENT when nowhere. Silent. */
int elf_image_file_offset(const struct elf_image *image, uint64_t address, uint64_t *ret);

/* Address and size of an object or function from .symtab: a walk through all symbols. -ENOENT when
 * stripped or absent. Silent. */
int elf_image_symbol(const struct elf_image *image, const char *name, uint64_t *ret_address,
		     uint64_t *ret_bytes);

/* A walk through .symtab. */
struct elf_symbols {
	struct span table, names; /* empty when stripped */
	size_t next;
};
struct elf_symbol {
	const char *name; /* borrowed from the image */
	uint64_t address, bytes;
	bool function, object; /* neither: a symbol without a type */
};
struct elf_symbols elf_image_symbols(const struct elf_image *image);
/* The next symbol that is defined in this file and has a name; false after the last one. */
bool elf_symbols_next(struct elf_symbols *symbols, struct elf_symbol *ret);

/* The data object of .symtab that an address is in: its name, borrowed, and how far inside. -ENOENT
 * when stripped or in none. A walk as above; silent. */
int elf_image_object_at(const struct elf_image *image, uint64_t address, const char **ret_name,
			uint64_t *ret_offset);

/*
 * The dynamic relocations with addends (an array of Elf64_Rela, found through DT_RELA); empty when
 * there are none. The words they patch are usually zero in a PIE's file: the addend is the value.
 */
struct span elf_image_relocations(const struct elf_image *image);

/* Lets the kernel drop the pages of the mapping that were touched: keeps the observer's RSS small.
 */
void elf_image_release_pages(const struct elf_image *image);
/* For walks through much of the file: adds `bytes` to those read since the pages were last dropped,
 * and drops them when they are many. */
void elf_image_spend_pages(const struct elf_image *image, uint64_t bytes, uint64_t *spent);

#endif
