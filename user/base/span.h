/*
 * Foreign bytes with their bounds: every read of an ELF file, a pclntab or a copied piece of the
 * target goes through here. Little-endian, unaligned. A read outside fails with -ERANGE and leaves
 * *ret untouched. Silent.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const uint8_t *data; /* borrowed */
	size_t length;
};

static inline bool span_holds(struct span span, uint64_t offset, uint64_t length)
{
	return offset <= span.length && length <= span.length - offset;
}

/* The part of `span` from `offset`; empty when it does not fit. */
static inline struct span span_sub(struct span span, uint64_t offset, uint64_t length)
{
	if (!span_holds(span, offset, length))
		return (struct span){ 0 };
	return (struct span){ span.data + offset, length };
}

static inline struct span span_from(struct span span, uint64_t offset)
{
	return offset <= span.length ? span_sub(span, offset, span.length - offset)
				     : (struct span){ 0 };
}

#define SPAN_READER(name, type)                                                                    \
	static inline int name(struct span span, uint64_t offset, type *ret)                       \
	{                                                                                          \
		if (!span_holds(span, offset, sizeof(*ret)))                                       \
			return -ERANGE;                                                            \
		memcpy(ret, span.data + offset, sizeof(*ret));                                     \
		return 0;                                                                          \
	}

SPAN_READER(span_u8, uint8_t)
SPAN_READER(span_u16, uint16_t)
SPAN_READER(span_u32, uint32_t)
SPAN_READER(span_u64, uint64_t)
SPAN_READER(span_i16, int16_t)
SPAN_READER(span_i32, int32_t)
#undef SPAN_READER

/* The NUL-terminated string at `offset`, borrowed; NULL when it does not end inside the span or
 * within `max` bytes. */
static inline const char *span_string(struct span span, uint64_t offset, size_t max)
{
	size_t left;

	if (offset >= span.length)
		return NULL;
	left = span.length - offset;
	return memchr(span.data + offset, 0, left < max ? left : max)
		       ? (const char *)span.data + offset
		       : NULL;
}

/* Go's uvarint32 of pc-value tables and type names: advances *offset. -ERANGE when it does not end
 * within 5 bytes. */
static inline int span_uvarint(struct span span, uint64_t *offset, uint32_t *ret)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 35; shift += 7) {
		uint8_t byte;

		if (span_u8(span, *offset, &byte) < 0)
			return -ERANGE;
		(*offset)++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = (uint32_t)value;
			return 0;
		}
	}
	return -ERANGE;
}

#endif
