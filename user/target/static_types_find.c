/*
 * Finding all descriptors and itabs of a module. Those that reflection looks up lie back to back in
 * Go 1.27 and are listed before (typelinks). The others are somewhere between `types` and `etypes`,
 * which was the whole read-only data before 1.27: what looks like a descriptor in four bytes at a
 * fixed place is looked at whole, and jumped over when it is one.
 */
#include <errno.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"
#include "target/elf_image.h"
#include "target/static_types.h"

#define LOOKED_AT_BYTES	  (1U << 20) /* between two looks at how much was read */
#define ITAB_HEADER_BYTES 24 /* inter, type, hash; then the methods (internal/abi/iface.go) */

static int add_type(struct static_types *types, const struct static_type *type)
{
	int error = VEC_RESERVE(&types->types, types->types.count + 1, LIMIT_INSPECTION_ROWS);

	if (error == 0)
		types->types.items[types->types.count++] = *type;
	return error;
}

/* Since Go 1.27 (runtime/type.go moduleTypelinks); the first is a word behind the beginning. */
static int walk_types(struct static_types *types, const struct go_module *module)
{
	uint64_t end = module->types + module->typedesc_bytes;

	if (module->typedesc_bytes > module->etypes - module->types)
		return -EBADMSG;
	for (uint64_t at = module->types + 8; at < end;) {
		struct static_type type;
		int error = static_type_check(types, at, &type);

		if (error == 0)
			error = add_type(types, &type);
		if (error < 0)
			return error;
		at += (type.bytes + 7U) / 8 * 8;
	}
	return 0;
}

/* Alignments and kind of a descriptor, straight from the file: most words end here. */
static bool may_be_type(const uint8_t *bytes)
{
	uint8_t align = bytes[21], kind = bytes[23] & 0x1f;

	return align && align == bytes[22] && align <= 8 && !(align & (align - 1)) && kind &&
	       kind <= KIND_UNSAFE_POINTER && bytes[20] < 64;
}

static int scan_types(struct static_types *types, const struct elf_image *image, uint64_t begin,
		      uint64_t end)
{
	struct span bytes = span_sub(elf_image_at(image, begin), 0, end - begin);
	uint64_t offset = -begin % 8, looked_at = 0, spent = 0;
	int error = bytes.length ? 0 : -EBADMSG;

	while (error == 0 && span_holds(bytes, offset, TYPE_HEADER_BYTES)) {
		struct static_type type;

		if (offset - looked_at >= LOOKED_AT_BYTES) {
			elf_image_spend_pages(image, offset - looked_at, &spent);
			looked_at = offset;
		}
		if (!may_be_type(bytes.data + offset) ||
		    static_type_check(types, begin + offset, &type) < 0) {
			offset += 8;
			continue;
		}
		error = add_type(types, &type);
		offset += (type.bytes + 7U) / 8 * 8;
	}
	return error;
}

static int add_itab(struct static_types *types, uint64_t address)
{
	struct static_itab itab = { .address = address };
	const struct static_type *interface;
	uint64_t words[2];
	int error = memory_read(types->reader.memory, address, words, sizeof(words));

	if (error < 0)
		return error;
	itab.interface = words[0];
	itab.type = words[1];
	interface = static_types_find(types, itab.interface);
	if (!interface || interface->header.kind != KIND_INTERFACE || !interface->methods ||
	    !static_types_find(types, itab.type))
		return -EBADMSG;
	itab.methods = interface->methods;
	itab.bytes = ITAB_HEADER_BYTES + 8 * itab.methods;
	error = VEC_RESERVE(&types->itabs, types->itabs.count + 1, LIMIT_INSPECTION_ROWS);
	if (error == 0)
		types->itabs.items[types->itabs.count++] = itab;
	return error;
}

/* runtime/iface.go addModuleItabs */
static int walk_itabs(struct static_types *types, const struct go_module *module)
{
	uint64_t at = module->itabs, end = at + module->itab_bytes;
	int error = 0;

	while (error == 0 && at < end) {
		error = add_itab(types, at);
		if (error == 0)
			at += types->itabs.items[types->itabs.count - 1].bytes;
	}
	return error;
}

static int read_itablinks(struct static_types *types, const struct go_module *module)
{
	int error = module->itablink_count > LIMIT_INSPECTION_ROWS ? -EBADMSG : 0;

	for (uint64_t i = 0; error == 0 && i < module->itablink_count; i++) {
		uint64_t address;

		error = memory_read_u64(types->reader.memory, module->itablinks + 8 * i, &address);
		if (error == 0)
			error = add_itab(types, address);
	}
	return error;
}

/* Whoever is listed has to have been found. */
static int check_typelinks(const struct static_types *types, const struct go_module *module)
{
	int error = module->typelink_count > LIMIT_INSPECTION_ROWS ? -EBADMSG : 0;

	for (uint64_t i = 0; error == 0 && i < module->typelink_count; i++) {
		uint32_t offset;

		error = memory_read_u32(types->reader.memory, module->typelinks + 4 * i, &offset);
		if (error == 0 && !static_types_find(types, module->types + offset))
			error = -EBADMSG;
	}
	return error;
}

/* And so has what those refer to. */
static int check_elements(const struct static_types *types)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < types->types.count; i++) {
		const struct type_header *header = &types->types.items[i].header;
		uint64_t element;

		if (header->kind != KIND_POINTER && header->kind != KIND_SLICE)
			continue;
		error = memory_read_u64(types->reader.memory, header->address + TYPE_HEADER_BYTES,
					&element);
		if (error == 0 && !static_types_find(types, element))
			error = -EBADMSG;
	}
	return error;
}

int static_types_read(const struct go_binary *binary, struct memory *memory,
		      struct static_types *ret)
{
	const struct go_module *module = go_binary_module(binary);
	const struct go_version *version = go_binary_version(binary);
	int error;

	*ret = (struct static_types){
		.image = go_binary_image(binary),
		.reader = { memory, module->types, module->etypes },
		.minor = version->minor,
		.swiss_maps = version->minor >= 24 && !strstr(version->text, "noswissmap"),
	};
	error = walk_types(ret, module);
	if (error == 0)
		error = scan_types(ret, go_binary_image(binary),
				   module->types + module->typedesc_bytes, module->etypes);
	if (error == 0)
		error = check_typelinks(ret, module);
	if (error == 0)
		error = check_elements(ret);
	if (error == 0)
		error = module->itabs ? walk_itabs(ret, module) : read_itablinks(ret, module);
	return error == -EFAULT ? -EBADMSG : error;
}
