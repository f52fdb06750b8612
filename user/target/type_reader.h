/* Type descriptors as bytes: abi.Type of internal/abi/type.go (before 1.21 runtime/type.go _type),
 * read and checked. */
#ifndef TARGET_TYPE_READER_H
#define TARGET_TYPE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/memory.h"

/* The first 48 bytes, the same in Go 1.19-1.27; what follows depends on the kind. */
#define TYPE_HEADER_BYTES 48

/* reflect.Kind */
enum type_kind {
	KIND_BOOL = 1,
	KIND_ARRAY = 17,
	KIND_CHAN = 18,
	KIND_FUNC = 19,
	KIND_INTERFACE = 20,
	KIND_MAP = 21,
	KIND_POINTER = 22,
	KIND_SLICE = 23,
	KIND_STRING = 24,
	KIND_STRUCT = 25,
	KIND_UNSAFE_POINTER = 26,
};

struct type_header {
	uint64_t address;
	uint64_t size_bytes;
	uint64_t pointer_bytes; /* up to its last pointer; 0: has none */
	uint8_t flags;		/* abi.TFlag */
	enum type_kind kind;
	int32_t name; /* offset from the beginning of the types section; negative: made by
			 reflection */
};

/* UNCOMMON: uncommonType follows the kind's own part. EXTRA_STAR: the name in the file begins with
 * a
 * '*' that is not the type's. */
#define TYPE_FLAG_UNCOMMON   1
#define TYPE_FLAG_EXTRA_STAR 2
#define TYPE_FLAG_NAMED	     4

struct type_reader {
	struct memory *memory;
	uint64_t types, etypes; /* of the module, in the process */
};

/* -EBADMSG when the bytes cannot be a descriptor: kind 1..26, alignment a power of two, pointers
 * within the size; or the error of the read. Silent. */
int type_read(const struct type_reader *reader, uint64_t address, struct type_header *ret);

/* Whether the descriptor is the executable's own, so that its name is there. */
bool type_is_static(const struct type_reader *reader, const struct type_header *header);

/* The text of an abi.Name (flag byte, length, bytes) at `address`: cut to size. 0, -EBADMSG,
 * -EFAULT. *ret_embedded may be NULL. */
int type_read_name(const struct type_reader *reader, uint64_t address, char *text, size_t size,
		   bool *ret_embedded);

/* The tag behind the name of a field, "" when there is none: any bytes but 0. 0, -EBADMSG,
 * -EFAULT. */
int type_read_tag(const struct type_reader *reader, uint64_t address, char *text, size_t size);

#endif
