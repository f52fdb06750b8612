/*
 * Names from structure. Each kind has one writer in a table; all write through a cursor that cuts
 * what does not fit. Layouts of the kinds' own parts: internal/abi/type.go, the same in
 * Go 1.19-1.27 for what is read here.
 */
#include "target/type_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "limits.h"

#define PART	       TYPE_HEADER_BYTES /* where the kind's own part begins */
#define MEMBERS_MAX    256		 /* fields or parameters written; a name with more is cut */
#define FIELD_BYTES    24		 /* abi.StructField: name, type, offset */
#define UNCOMMON_BYTES 16

struct cursor {
	char *text;
	size_t size, used;
};

static void put(struct cursor *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct cursor *out, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(out->text + out->used, out->size - out->used, format, arguments);
	va_end(arguments);
	if (length > 0)
		out->used += (size_t)length < out->size - out->used ? (size_t)length
								    : out->size - out->used - 1;
}

static int put_type(const struct type_reader *reader, uint64_t address, unsigned int depth,
		    struct cursor *out)
{
	int error;

	if (out->used + 1 >= out->size)
		return 0; /* full: the name is cut */
	error = type_name_of(reader, address, depth + 1, out->text + out->used,
			     out->size - out->used);
	if (error == 0)
		out->used += strlen(out->text + out->used);
	return error;
}

static int put_type_at(const struct type_reader *reader, uint64_t address, unsigned int depth,
		       struct cursor *out)
{
	uint64_t element;
	int error = memory_read_u64(reader->memory, address, &element);

	return error < 0 ? error : put_type(reader, element, depth, out);
}

typedef int (*kind_writer)(const struct type_reader *reader, const struct type_header *header,
			   unsigned int depth, struct cursor *out);

static int put_pointer(const struct type_reader *reader, const struct type_header *header,
		       unsigned int depth, struct cursor *out)
{
	put(out, "*");
	return put_type_at(reader, header->address + PART, depth, out);
}

static int put_slice(const struct type_reader *reader, const struct type_header *header,
		     unsigned int depth, struct cursor *out)
{
	put(out, "[]");
	return put_type_at(reader, header->address + PART, depth, out);
}

static int put_array(const struct type_reader *reader, const struct type_header *header,
		     unsigned int depth, struct cursor *out)
{
	uint64_t length;
	int error = memory_read_u64(reader->memory, header->address + PART + 16, &length);

	if (error < 0)
		return error;
	put(out, "[%llu]", (unsigned long long)length);
	return put_type_at(reader, header->address + PART, depth, out);
}

static int put_channel(const struct type_reader *reader, const struct type_header *header,
		       unsigned int depth, struct cursor *out)
{
	static const char *const directions[] = { "chan ", "<-chan ", "chan<- ", "chan " };
	uint64_t direction;
	int error = memory_read_u64(reader->memory, header->address + PART + 8, &direction);

	if (error < 0)
		return error;
	put(out, "%s", directions[direction & 3]);
	return put_type_at(reader, header->address + PART, depth, out);
}

static int put_map(const struct type_reader *reader, const struct type_header *header,
		   unsigned int depth, struct cursor *out)
{
	int error;

	put(out, "map[");
	error = put_type_at(reader, header->address + PART, depth, out);
	if (error < 0)
		return error;
	put(out, "]");
	return put_type_at(reader, header->address + PART + 8, depth, out);
}

static int put_parameters(const struct type_reader *reader, uint64_t address, unsigned int count,
			  bool variadic, unsigned int depth, struct cursor *out)
{
	for (unsigned int i = 0; i < count; i++) {
		size_t before;
		int error;

		put(out, "%s", i ? ", " : "");
		before = out->used;
		error = put_type_at(reader, address + 8 * (uint64_t)i, depth, out);
		if (error < 0)
			return error;
		if (variadic && i + 1 == count &&
		    out->used >= before + 2) { /* []T is written ...T */
			char element[LIMIT_NAME_BYTES];

			snprintf(element, sizeof(element), "%s", out->text + before + 2);
			out->used = before;
			put(out, "...%s", element);
		}
	}
	return 0;
}

static int put_function(const struct type_reader *reader, const struct type_header *header,
			unsigned int depth, struct cursor *out)
{
	uint64_t parameters = header->address + PART + 8;
	uint16_t counts[2]; /* in, out; the top bit of out: variadic */
	unsigned int in, results;
	int error = memory_read(reader->memory, header->address + PART, counts, sizeof(counts));

	if (error < 0)
		return error;
	in = counts[0];
	results = counts[1] & 0x7fff;
	if (in > MEMBERS_MAX || results > MEMBERS_MAX)
		return -EBADMSG;
	if (header->flags & TYPE_FLAG_UNCOMMON)
		parameters += UNCOMMON_BYTES;
	put(out, "func(");
	error = put_parameters(reader, parameters, in, counts[1] & 0x8000, depth, out);
	if (error < 0)
		return error;
	put(out, ")%s%s", results ? " " : "", results > 1 ? "(" : "");
	error = put_parameters(reader, parameters + 8 * (uint64_t)in, results, false, depth, out);
	put(out, "%s", results > 1 ? ")" : "");
	return error;
}

static int put_field(const struct type_reader *reader, uint64_t address, unsigned int depth,
		     struct cursor *out)
{
	uint64_t words[2]; /* name, type */
	char name[256];
	bool embedded = false;
	int error = memory_read(reader->memory, address, words, sizeof(words));

	if (error == 0)
		error = type_read_name(reader, words[0], name, sizeof(name), &embedded);
	if (error < 0)
		return error;
	put(out, " ");
	if (!embedded)
		put(out, "%s ", name);
	return put_type(reader, words[1], depth, out);
}

static int put_struct(const struct type_reader *reader, const struct type_header *header,
		      unsigned int depth, struct cursor *out)
{
	uint64_t fields[2]; /* array, len */
	int error = memory_read(reader->memory, header->address + PART + 8, fields, sizeof(fields));

	if (error < 0)
		return error;
	if (fields[1] > MEMBERS_MAX)
		return -EBADMSG;
	put(out, "struct {");
	for (uint64_t i = 0; i < fields[1]; i++) {
		put(out, "%s", i ? ";" : "");
		error = put_field(reader, fields[0] + i * FIELD_BYTES, depth, out);
		if (error < 0)
			return error;
	}
	put(out, "%s}", fields[1] ? " " : "");
	return 0;
}

static int put_interface(const struct type_reader *reader, const struct type_header *header,
			 unsigned int depth, struct cursor *out)
{
	uint64_t methods;
	int error = memory_read_u64(reader->memory, header->address + PART + 16, &methods);

	(void)depth;
	if (error < 0)
		return error;
	put(out, methods ? "interface { ... }" : "interface {}");
	return 0;
}

static const kind_writer writers[KIND_UNSAFE_POINTER + 1] = {
	[KIND_ARRAY] = put_array,	  [KIND_CHAN] = put_channel,  [KIND_FUNC] = put_function,
	[KIND_INTERFACE] = put_interface, [KIND_MAP] = put_map,	      [KIND_POINTER] = put_pointer,
	[KIND_SLICE] = put_slice,	  [KIND_STRUCT] = put_struct,
};

int type_text(const struct type_reader *reader, const struct type_header *header,
	      unsigned int depth, char *text, size_t size)
{
	struct cursor out = { text, size, 0 };

	text[0] = 0;
	if (depth > LIMIT_TYPE_DEPTH || !writers[header->kind])
		return -EBADMSG;
	return writers[header->kind](reader, header, depth, &out);
}

static int static_name(const struct type_reader *reader, const struct type_header *header,
		       char *text, size_t size)
{
	int error =
		type_read_name(reader, reader->types + (uint64_t)header->name, text, size, NULL);

	if (error < 0)
		return error;
	if (!text[0])
		return -EBADMSG;
	if (header->flags & TYPE_FLAG_EXTRA_STAR) {
		if (text[0] != '*')
			return -EBADMSG;
		memmove(text, text + 1, strlen(text));
	}
	return 0;
}

int type_name_of(const struct type_reader *reader, uint64_t address, unsigned int depth, char *text,
		 size_t size)
{
	struct type_header header;
	int error = depth > LIMIT_TYPE_DEPTH ? -EBADMSG : type_read(reader, address, &header);

	if (error < 0)
		return error;
	return type_is_static(reader, &header) ? static_name(reader, &header, text, size)
					       : type_text(reader, &header, depth, text, size);
}
