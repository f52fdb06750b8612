/* Descriptors one by one: how long each is, whether it is one, and to which package it belongs.
 * Layouts: internal/abi/type.go; before Go 1.21 runtime/type.go. */
#include "target/static_types.h"

#include <errno.h>
#include <stdlib.h>

#include "base/span.h"
#include "limits.h"

#define ELEMENT	       TYPE_HEADER_BYTES /* of pointers, slices, arrays, channels; key of maps */
#define UNCOMMON_BYTES 16
#define METHOD_BYTES   16
#define KIND_BYTE_MASK 0x7f /* the kind and two flags */

/* sizeof(abi.MapType): buckets, Swiss tables since 1.24, with strides since 1.27. */
static uint32_t map_bytes(const struct static_types *types)
{
	if (!types->swiss_maps)
		return 88;
	return types->minor >= 27 ? 136 : 112;
}

static uint32_t part_bytes(const struct static_types *types, enum type_kind kind)
{
	switch (kind) {
	case KIND_ARRAY:
		return 72;
	case KIND_CHAN:
		return 64;
	case KIND_FUNC:
	case KIND_POINTER:
	case KIND_SLICE:
		return 56;
	case KIND_INTERFACE:
	case KIND_STRUCT:
		return 80;
	case KIND_MAP:
		return map_bytes(types);
	default:
		return TYPE_HEADER_BYTES;
	}
}

/* What follows the kind's part and the uncommon type: parameters, fields or an interface's methods.
 */
static int tail_bytes(const struct static_types *types, struct static_type *type, uint64_t *ret)
{
	struct memory *memory = types->reader.memory;
	uint64_t address = type->header.address, count = 0;
	uint16_t counts[2];
	int error = 0;

	*ret = 0;
	if (type->header.kind == KIND_FUNC) {
		error = memory_read(memory, address + ELEMENT, counts, sizeof(counts));
		if (error == 0)
			*ret = 8 * ((uint64_t)counts[0] + (counts[1] & 0x7fff));
	} else if (type->header.kind == KIND_STRUCT || type->header.kind == KIND_INTERFACE) {
		error = memory_read_u64(memory, address + ELEMENT + 16, &count);
		if (error == 0 && count > UINT16_MAX)
			return -EBADMSG;
		*ret = count * (type->header.kind == KIND_STRUCT ? 24 : 8);
		type->methods = type->header.kind == KIND_INTERFACE ? (uint32_t)count : 0;
	}
	return error;
}

static int uncommon_bytes(const struct static_types *types, struct static_type *type, uint64_t *ret)
{
	uint64_t at = type->header.address + part_bytes(types, type->header.kind);
	uint16_t methods = 0;
	int error = 0;

	*ret = 0;
	if (!(type->header.flags & TYPE_FLAG_UNCOMMON))
		return 0;
	error = memory_read(types->reader.memory, at + 4, &methods, sizeof(methods));
	*ret = UNCOMMON_BYTES + (uint64_t)methods * METHOD_BYTES;
	if (type->header.kind != KIND_INTERFACE)
		type->methods = methods;
	return error;
}

static bool kind_fits_size(const struct type_header *header)
{
	switch (header->kind) {
	case KIND_CHAN:
	case KIND_FUNC:
	case KIND_MAP:
	case KIND_POINTER:
	case KIND_UNSAFE_POINTER:
		return header->size_bytes == 8;
	case KIND_INTERFACE:
	case KIND_STRING:
		return header->size_bytes == 16;
	case KIND_SLICE:
		return header->size_bytes == 24;
	case KIND_ARRAY:
	case KIND_STRUCT:
		return true;
	default: /* numbers */
		return header->size_bytes >= 1 && header->size_bytes <= 16;
	}
}

static bool has_element(enum type_kind kind)
{
	return kind == KIND_ARRAY || kind == KIND_CHAN || kind == KIND_MAP ||
	       kind == KIND_POINTER || kind == KIND_SLICE;
}

static bool in_types(const struct type_reader *reader, uint64_t address)
{
	return address > reader->types && address < reader->etypes && address % 8 == 0;
}

/* Since Go 1.24 large types have their mask made when it is needed, and gcdata points into the bss.
 */
static bool is_mapped(const struct elf_image *image, uint64_t address)
{
	struct elf_segment segment;

	for (size_t i = 0; address && elf_image_segment(image, i, &segment); i++)
		if (address - segment.address < segment.memory_bytes)
			return true;
	return !address;
}

/* That what the descriptor points to is there: its element, its comparison, its pointer mask. */
static int check_pointers(const struct static_types *types, const struct static_type *type)
{
	struct memory *memory = types->reader.memory;
	uint64_t address = type->header.address, words[2], element; /* equal, gcdata */
	struct type_header header;
	int error = memory_read(memory, address + 24, words, sizeof(words));

	if (error < 0)
		return error;
	if (!is_mapped(types->image, words[0]) || !is_mapped(types->image, words[1]))
		return -EBADMSG;
	if (!has_element(type->header.kind))
		return 0;
	error = memory_read_u64(memory, address + ELEMENT, &element);
	if (error < 0)
		return error;
	if (!in_types(&types->reader, element))
		return -EBADMSG;
	return type_read(&types->reader, element, &header);
}

static int check_name(const struct static_types *types, const struct type_header *header)
{
	char text[LIMIT_NAME_BYTES];
	int error;

	if (!type_is_static(&types->reader, header))
		return -EBADMSG;
	error = type_read_name(&types->reader, types->reader.types + (uint64_t)header->name, text,
			       sizeof(text), NULL);
	if (error < 0)
		return error;
	if (!text[0] || ((header->flags & TYPE_FLAG_EXTRA_STAR) && text[0] != '*'))
		return -EBADMSG;
	return 0;
}

/* Hash, flags, alignments and kind, which no dynamic linker changes. */
static int check_small_fields(const struct static_types *types, uint64_t address)
{
	uint8_t bytes[8];
	struct span span = { bytes, sizeof(bytes) };
	uint32_t hash = 0;
	int error = memory_read(types->reader.memory, address + 16, bytes, sizeof(bytes));

	if (error < 0)
		return error;
	span_u32(span, 0, &hash);
	return hash && bytes[4] < 64 && bytes[5] == bytes[6] && bytes[5] <= 8 &&
			       bytes[7] <= KIND_BYTE_MASK
		       ? 0
		       : -EBADMSG;
}

int static_type_check(const struct static_types *types, uint64_t address, struct static_type *ret)
{
	struct static_type type = { 0 };
	uint64_t uncommon = 0, tail = 0, bytes;
	int error = check_small_fields(types, address);

	if (error == 0)
		error = type_read(&types->reader, address, &type.header);
	if (error == 0 && !kind_fits_size(&type.header))
		error = -EBADMSG;
	if (error == 0)
		error = uncommon_bytes(types, &type, &uncommon);
	if (error == 0)
		error = tail_bytes(types, &type, &tail);
	bytes = part_bytes(types, type.header.kind) + uncommon + tail;
	if (error == 0 && bytes > types->reader.etypes - address)
		error = -EBADMSG;
	if (error == 0)
		error = check_pointers(types, &type);
	if (error == 0)
		error = check_name(types, &type.header);
	if (error < 0)
		return error;
	type.bytes = (uint32_t)bytes;
	*ret = type;
	return 0;
}

const struct static_type *static_types_find(const struct static_types *types, uint64_t address)
{
	size_t low = 0, high = types->types.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (types->types.items[middle].header.address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < types->types.count && types->types.items[low].header.address == address
		       ? &types->types.items[low]
		       : NULL;
}

static int read_package(const struct static_types *types, const struct static_type *type,
			char *text, size_t size)
{
	uint64_t at = type->header.address + part_bytes(types, type->header.kind);
	const struct type_reader *reader = &types->reader;
	uint32_t name = 0;
	int error;

	text[0] = 0;
	if (!(type->header.flags & TYPE_FLAG_UNCOMMON))
		return 0;
	error = memory_read_u32(reader->memory, at, &name);
	if (error < 0 || !name || name >= reader->etypes - reader->types)
		return error;
	return type_read_name(reader, reader->types + name, text, size, NULL);
}

int static_type_package(const struct static_types *types, uint64_t address, char *text, size_t size)
{
	text[0] = 0;
	for (int depth = 0; depth < LIMIT_TYPE_DEPTH; depth++) {
		const struct static_type *type = static_types_find(types, address);
		int error = type ? read_package(types, type, text, size) : -ENOENT;

		if (error < 0 || text[0] || !has_element(type->header.kind))
			return error;
		/* of a map the values' package: the keys are mostly strings */
		error = memory_read_u64(types->reader.memory,
					address + ELEMENT + 8 * (type->header.kind == KIND_MAP),
					&address);
		if (error < 0)
			return error;
	}
	return 0;
}

void static_types_clear(struct static_types *types)
{
	free(types->types.items);
	free(types->itabs.items);
	*types = (struct static_types){ 0 };
}
