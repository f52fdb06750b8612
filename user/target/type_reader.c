/* Reading and checking descriptors and names. */
#include "target/type_reader.h"

#include <errno.h>
#include <string.h>

#include "base/span.h"
#include "limits.h"

#define KIND_MASK	0x1f
#define PAGE		4096
#define OBJECT_SIZE_MAX (1ULL << 46)
#define NAME_TAGGED	2 /* flags of abi.Name */
#define NAME_EMBEDDED	8

int type_read(const struct type_reader *reader, uint64_t address, struct type_header *ret)
{
	uint8_t bytes[TYPE_HEADER_BYTES];
	struct span span = { bytes, sizeof(bytes) };
	uint64_t size = 0, pointers = 0;
	uint8_t kind = 0, align = 0, flags = 0;
	int32_t name = 0;
	int error;

	if (address % 8 != 0 || address >> 47 != 0 || address < PAGE)
		return -EBADMSG;
	error = memory_read(reader->memory, address, bytes, sizeof(bytes));
	if (error < 0)
		return error;
	span_u64(span, 0, &size);
	span_u64(span, 8, &pointers);
	span_u8(span, 20, &flags);
	span_u8(span, 21, &align);
	span_u8(span, 23, &kind);
	span_i32(span, 40, &name);
	kind &= KIND_MASK;
	if (kind < KIND_BOOL || kind > KIND_UNSAFE_POINTER || !align || align & (align - 1) ||
	    align > 64 || size > OBJECT_SIZE_MAX || pointers > size)
		return -EBADMSG;
	*ret = (struct type_header){ address, size, pointers, flags, (enum type_kind)kind, name };
	return 0;
}

bool type_is_static(const struct type_reader *reader, const struct type_header *header)
{
	return header->address >= reader->types && header->address < reader->etypes &&
	       header->name >= 0 && (uint64_t)header->name < reader->etypes - reader->types;
}

/* A name may stand at the end of a mapping: read up to the page's end first. */
static int read_some(struct memory *memory, uint64_t address, uint8_t *bytes, size_t want,
		     size_t *ret_got)
{
	size_t to_page_end = PAGE - address % PAGE;
	size_t got = want < to_page_end ? want : to_page_end;
	int error = memory_read(memory, address, bytes, got);

	if (error == 0)
		*ret_got = got;
	return error;
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

/* What an abi.Name begins with, and where its first text ends. */
struct name_head {
	uint8_t flags;
	uint64_t end;
};

/* The counted text `skip` bytes after `address`, cut to size; the byte at `address` is the flags.
 */
static int read_counted(struct memory *memory, uint64_t address, uint64_t skip, char *text,
			size_t size, struct name_head *ret)
{
	uint8_t head[6];
	size_t got = 0, length;
	uint64_t offset = skip;
	uint32_t declared;
	int error = read_some(memory, address, head, sizeof(head), &got);

	if (error < 0)
		return error;
	if (got < sizeof(head) &&
	    memory_read(memory, address + got, head + got, sizeof(head) - got) < 0)
		memset(head + got, 0, sizeof(head) - got);
	if (span_uvarint((struct span){ head, sizeof(head) }, &offset, &declared) < 0 ||
	    declared > LIMIT_NAME_BYTES)
		return -EBADMSG;
	length = declared < size - 1 ? declared : size - 1;
	error = memory_read(memory, address + offset, text, length);
	if (error < 0)
		return error;
	text[length] = 0;
	*ret = (struct name_head){ head[0], address + offset + declared };
	return strlen(text) == length ? 0 : -EBADMSG;
}

int type_read_name(const struct type_reader *reader, uint64_t address, char *text, size_t size,
		   bool *ret_embedded)
{
	struct name_head head;
	int error = read_counted(reader->memory, address, 1, text, size, &head);

	if (error < 0)
		return error;
	if (!printable(text))
		return -EBADMSG;
	if (ret_embedded)
		*ret_embedded = head.flags & NAME_EMBEDDED;
	return 0;
}

int type_read_tag(const struct type_reader *reader, uint64_t address, char *text, size_t size)
{
	struct name_head head;
	char none[1];
	int error = read_counted(reader->memory, address, 1, none, sizeof(none), &head);

	text[0] = 0;
	if (error < 0 || !(head.flags & NAME_TAGGED))
		return error;
	return read_counted(reader->memory, head.end, 0, text, size, &head);
}
