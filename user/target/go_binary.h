/*
 * A Go executable seen statically: version, build info, functions, inlining, file and line - from
 * .go.buildinfo and the pclntab alone, so that a stripped file says as much as any other. Addresses
 * are link-time addresses.
 */
#ifndef TARGET_GO_BINARY_H
#define TARGET_GO_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/elf_image.h"

struct go_version {
	int major, minor, patch; /* 1, 23, 5; patch 0 for betas */
	char text[64]; /* "go1.23.5" as the file says, e.g. "go1.25-abc123 X:nogreenteagc" */
};

/* Functions used by the rest of target/. */
struct go_function {
	uint64_t entry, end; /* end: of the text that belongs to it */
	const char *name;    /* borrowed from the image */
	uint32_t start_line; /* 0 when not known (1.19) */
	uint32_t index;	     /* in functab */
};

struct go_frame {
	const char *function; /* borrowed from the image */
	const char *file;     /* borrowed, "" when not known */
	uint32_t line, start_line;
	uint64_t entry; /* of the physical function */
	bool inlined;	/* into the next frame */
	bool wrapper;	/* made by the compiler; the runtime leaves such frames out of stacks */
};

/* Addresses out of moduledata; 0 when not there in this version. Offsets by version: pclntab.c's
 * and moduledata.c's tables, Go 1.19-1.27 runtime/symtab.go. */
struct go_module {
	uint64_t address; /* of runtime.firstmoduledata */
	uint64_t text, etext, noptrdata, data, bss, noptrbss, end;
	uint64_t types, etypes, rodata, gofunc, typedesc_bytes; /* typedesc_bytes: 1.27 only */
	uint64_t typelinks, typelink_count;
	/* Through 1.26 an array of pointers to itabs; 1.27: the itabs themselves, in so many bytes.
	 */
	uint64_t itablinks, itablink_count;
	uint64_t itabs, itab_bytes;
	uint64_t pclntab_end;
};

struct go_binary;

/*
 * `image` is borrowed and must outlive the binary. Reports and fails for: no Go build info (not a
 * Go program), a version older than 1.19 or newer than 1.27, no pclntab or a damaged one, no
 * moduledata. Damage found later makes single lookups fail, silently.
 */
int go_binary_open(const struct elf_image *image, struct go_binary **ret);
void go_binary_free(struct go_binary *binary);

const struct elf_image *go_binary_image(const struct go_binary *binary);
const struct go_version *go_binary_version(const struct go_binary *binary);
const struct go_module *go_binary_module(const struct go_binary *binary);
/* For walks over all functions and names. */
struct pclntab;
const struct pclntab *go_binary_table(const struct go_binary *binary);
struct span go_binary_funcdata(const struct go_binary *binary); /* from moduledata's gofunc */
/* Path of the main module ("example.com/x"), else of the main package; "" when not known. */
const char *go_binary_path(const struct go_binary *binary);
/* A build setting ("-buildmode", "CGO_ENABLED", "vcs.revision"): its value, or NULL. Valid as long
 * as the binary. */
const char *go_binary_setting(const struct go_binary *binary, const char *key);

size_t go_binary_function_count(const struct go_binary *binary);
/* By functab index, in address order. -ENOENT, -ERANGE: silent. */
int go_binary_function(const struct go_binary *binary, size_t index, struct go_function *ret);
/* The function around a link-time pc. -ENOENT when none. Silent. */
int go_binary_function_at(const struct go_binary *binary, uint64_t pc, struct go_function *ret);
/*
 * Looks up several names in one pass over the functab (it is megabytes: do not call it once per
 * name). Names are exact. found[i].name stays NULL for those that are absent. Names are not unique
 * (ABI0 wrappers): the ABIInternal body, i.e. the larger text, wins. Returns the number found.
 * Gives the pages it touched back to the kernel (elf_image_release_pages).
 */
size_t go_binary_find_functions(const struct go_binary *binary, const char *const *names,
				size_t count, struct go_function *found);

/*
 * The logical frames at link-time pc, innermost first; pc is that of an instruction inside the
 * function (for a return address pass address - 1). Returns how many were written (at least 1 when
 * pc is in a function), 0 when pc is in none.
 */
size_t go_binary_frames_at(const struct go_binary *binary, uint64_t pc, struct go_frame *frames,
			   size_t max);

/* Names of all functions, of inlined ones too, each with a NUL (runtime.funcnametab). */
struct span go_binary_names(const struct go_binary *binary);

/* Bytes of the function's code without the padding behind it: where its line table ends, which is
 * the size of its symbol. Up to the next function when that is not known. */
uint64_t go_binary_code_bytes(const struct go_binary *binary, const struct go_function *function);

/* Bytes of the whole table of functions and lines (pclntab). */
uint64_t go_binary_table_bytes(const struct go_binary *binary);

/* The bytes of a function's text; empty when they are not in the file. */
struct span go_binary_text(const struct go_binary *binary, const struct go_function *function);

#endif
