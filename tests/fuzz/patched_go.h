/*
 * Fuzzing from something that parses: the input is a list of changes to the small executable of
 * tiny_go.h, so that damage deep inside is reached without first finding a whole ELF file.
 */
#ifndef FUZZ_PATCHED_GO_H
#define FUZZ_PATCHED_GO_H

#include <stddef.h>

#include "harness/tiny_go.h"

/* One input byte chooses the form of the file: version, PIE, sections. */
static inline struct tiny_go_options patched_form(uint8_t choice)
{
	return (struct tiny_go_options){ 19 + (choice >> 2) % 9, choice & 1, choice & 2,
					 "go1.27.3" };
}

/* Each three bytes of input change one byte of the `length` from `start`. */
static inline void patch(struct tiny_go *go, size_t start, size_t length, const uint8_t *data,
			 size_t size)
{
	for (size_t i = 0; i + 3 <= size; i += 3)
		go->bytes[start + (size_t)(data[i] | data[i + 1] << 8) % length] = data[i + 2];
}

#endif
