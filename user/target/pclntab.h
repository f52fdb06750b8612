/*
 * The Go linker's table of functions and lines ("pclntab"), which every Go executable carries for
 * its own stack traces, stripped or not. Offsets are those of Go 1.19-1.27 (runtime/symtab.go,
 * cmd/link/internal/ld/pcln.go). Text offsets count from moduledata's `text`.
 */
#ifndef TARGET_PCLNTAB_H
#define TARGET_PCLNTAB_H

#include "target/elf_image.h"

struct pclntab {
	uint64_t address;      /* of its header */
	struct span names;     /* runtime.funcnametab */
	struct span units;     /* cutab: file numbers of compilation units to offsets in `files` */
	struct span files;     /* filetab */
	struct span values;    /* pctab: pc-value tables */
	struct span functions; /* functab, then one _func per function */
	uint64_t names_offset, functions_offset; /* of these two from the header */
	uint32_t function_count;
	bool oldest; /* the form of Go 1.19: no start lines */
};

/*
 * Finds the table: its section (.gopclntab, .data.rel.ro.gopclntab), else the first sound header in
 * a loadable segment. -ENOENT when there is none. Silent.
 */
int pclntab_find(const struct elf_image *image, struct pclntab *ret);
/* `bytes` begin with the header, which is at `address`. -EINVAL when it is not sound. Silent. */
int pclntab_parse(struct span bytes, uint64_t address, struct pclntab *ret);

/* One _func, as far as it is used. */
struct pclntab_function {
	uint32_t entry, end;		     /* text offsets; end is the next function's entry */
	uint32_t name;			     /* offset in `names` */
	uint32_t pcfile, pcln, inline_index; /* offsets of pc-value tables in `values`; 0: none */
	uint32_t unit;	      /* first of the unit's file numbers in `units`; ~0: none */
	uint32_t start_line;  /* 0: not known */
	uint32_t inline_tree; /* offset from moduledata's gofunc; ~0: none */
	uint8_t function_id;  /* runtime's funcID */
};

/* By index. -ERANGE when it is not in the table or damaged. Silent. */
int pclntab_function(const struct pclntab *table, uint32_t index, struct pclntab_function *ret);
/* Only the offset of its name: the cheapest thing to ask of all functions. ~0 when damaged. */
uint32_t pclntab_function_name(const struct pclntab *table, uint32_t index);
/* Index of the function around a text offset. -ENOENT. Silent. */
int pclntab_search(const struct pclntab *table, uint32_t text_offset, uint32_t *ret);

/*
 * The value that the pc-value table at `offset` has at `text_offset`; -1 when there is none, which
 * is also the runtime's convention.
 */
int32_t pclntab_value(const struct pclntab *table, uint32_t offset, uint32_t entry,
		      uint32_t text_offset);

/* The largest value in the pc-value table at `offset`; -1 when there is none. */
int32_t pclntab_value_most(const struct pclntab *table, uint32_t offset);

/* Text offset at which the function's code ends, before the padding: the end of its table of files
 * (cmd/internal/obj/pcln.go funcpctab closes it there). `end` when the table is damaged or absent.
 */
uint32_t pclntab_code_end(const struct pclntab *table, const struct pclntab_function *function);

/* Borrowed from the image; NULL when damaged. */
const char *pclntab_name(const struct pclntab *table, uint32_t offset);
/* File name and line at a text offset inside `function`: "" and 0 when not known. */
const char *pclntab_line(const struct pclntab *table, const struct pclntab_function *function,
			 uint32_t text_offset, uint32_t *ret_line);

#endif
