/*
 * Names from structure. Each kind has one function in a table; all write at the end of one text,
 * which cuts what does not fit. Layouts of the kinds' own parts: internal/abi/type.go, the same in
 * Go 1.19-1.27 for what is read here; the spelling is reflect's (reflect/type.go, ChanOf, FuncOf,
 * StructOf).
 *
 * Every field and parameter writes at least one character, so a type with any number of them ends
 * when the text is full.
 */
#include "target/type_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "limits.h"

#define PART	       TYPE_HEADER_BYTES /* where the kind's own part begins */
#define FIELD_BYTES    24		 /* abi.StructField: name, type, offset */
#define UNCOMMON_BYTES 16
#define CHAN_BOTH      3

struct writer {
	const struct type_reader *reader;
	bool names_embedded;
	unsigned int depth;
	char *text;
	size_t size, used;
};

static bool is_full(const struct writer *out)
{
	return out->used + 1 >= out->size;
}

static void put(struct writer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct writer *out, const char *format, ...)
{
	size_t room = out->size - out->used;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(out->text + out->used, room, format, arguments);
	va_end(arguments);
	if (length > 0)
		out->used += (size_t)length < room ? (size_t)length : room - 1;
}

static int put_type(struct writer *out, uint64_t address);

static int put_type_at(struct writer *out, uint64_t address)
{
	uint64_t element;
	int error = memory_read_u64(out->reader->memory, address, &element);

	return error < 0 ? error : put_type(out, element);
}

static int put_pointer(struct writer *out, const struct type_header *header)
{
	put(out, "*");
	return put_type_at(out, header->address + PART);
}

static int put_slice(struct writer *out, const struct type_header *header)
{
	put(out, "[]");
	return put_type_at(out, header->address + PART);
}

static int put_array(struct writer *out, const struct type_header *header)
{
	uint64_t length;
	int error = memory_read_u64(out->reader->memory, header->address + PART + 16, &length);

	if (error < 0)
		return error;
	put(out, "[%llu]", (unsigned long long)length);
	return put_type_at(out, header->address + PART);
}

/* "chan <-chan T" would read as a channel to send channels on. */
static int put_element_of_both(struct writer *out, uint64_t address)
{
	size_t start;
	int error;

	put(out, "chan (");
	start = out->used;
	error = put_type_at(out, address);
	if (error < 0 || is_full(out))
		return error;
	if (out->text[start] == '<') {
		put(out, ")");
		return 0;
	}
	memmove(out->text + start - 1, out->text + start, out->used - start + 1);
	out->used--;
	return 0;
}

static int put_channel(struct writer *out, const struct type_header *header)
{
	uint64_t direction;
	int error = memory_read_u64(out->reader->memory, header->address + PART + 8, &direction);

	if (error < 0)
		return error;
	if (direction < 1 || direction > CHAN_BOTH)
		return -EBADMSG;
	if (direction == CHAN_BOTH)
		return put_element_of_both(out, header->address + PART);
	put(out, direction == 1 ? "<-chan " : "chan<- ");
	return put_type_at(out, header->address + PART);
}

static int put_map(struct writer *out, const struct type_header *header)
{
	int error;

	put(out, "map[");
	error = put_type_at(out, header->address + PART);
	if (error < 0)
		return error;
	put(out, "]");
	return put_type_at(out, header->address + PART + 8);
}

/* The last parameter of a variadic function, a slice: "...T". */
static int put_variadic(struct writer *out, uint64_t address)
{
	struct type_header header;
	uint64_t slice;
	int error = memory_read_u64(out->reader->memory, address, &slice);

	if (error == 0)
		error = type_read(out->reader, slice, &header);
	if (error < 0)
		return error;
	if (header.kind != KIND_SLICE)
		return -EBADMSG;
	put(out, "...");
	return put_type_at(out, slice + PART);
}

static int put_parameters(struct writer *out, uint64_t address, unsigned int count, bool variadic)
{
	for (unsigned int i = 0; i < count && !is_full(out); i++) {
		uint64_t at = address + 8 * (uint64_t)i;
		int error;

		put(out, "%s", i ? ", " : "");
		error = variadic && i + 1 == count ? put_variadic(out, at) : put_type_at(out, at);
		if (error < 0)
			return error;
	}
	return 0;
}

static int put_function(struct writer *out, const struct type_header *header)
{
	uint64_t parameters = header->address + PART + 8;
	uint16_t counts[2]; /* in, out; the top bit of out: variadic */
	unsigned int results;
	int error =
		memory_read(out->reader->memory, header->address + PART, counts, sizeof(counts));

	if (error < 0)
		return error;
	results = counts[1] & 0x7fff;
	if (header->flags & TYPE_FLAG_UNCOMMON)
		parameters += UNCOMMON_BYTES;
	put(out, "func(");
	error = put_parameters(out, parameters, counts[0], counts[1] & 0x8000);
	if (error < 0)
		return error;
	put(out, ")%s%s", results ? " " : "", results > 1 ? "(" : "");
	error = put_parameters(out, parameters + 8 * (uint64_t)counts[0], results, false);
	put(out, "%s", results > 1 ? ")" : "");
	return error;
}

/* As strconv.Quote: a tag may hold anything. */
static void put_quoted(struct writer *out, const char *tag)
{
	static const char escapes[] = "abtnvfr"; /* of 7 to 13 */

	put(out, " \"");
	for (; *tag && !is_full(out); tag++) {
		unsigned char c = (unsigned char)*tag;

		if (c == '"' || c == '\\')
			put(out, "\\%c", c);
		else if (c >= 7 && c <= 13)
			put(out, "\\%c", escapes[c - 7]);
		else if (c < ' ' || c == 127)
			put(out, "\\x%02x", c);
		else
			put(out, "%c", c);
	}
	put(out, "\"");
}

static int put_field(struct writer *out, uint64_t address)
{
	uint64_t words[2]; /* name, type */
	char text[512];
	bool embedded = false;
	int error = memory_read(out->reader->memory, address, words, sizeof(words));

	if (error == 0)
		error = type_read_name(out->reader, words[0], text, sizeof(text), &embedded);
	if (error < 0)
		return error;
	put(out, " ");
	if (!embedded || out->names_embedded)
		put(out, "%s ", text);
	error = put_type(out, words[1]);
	if (error == 0)
		error = type_read_tag(out->reader, words[0], text, sizeof(text));
	if (error == 0 && text[0])
		put_quoted(out, text);
	return error;
}

/* Nothing but padding is in no Go struct that was written down: it is a bare descriptor that the
 * runtime made for itself, such as a map's bucket before Go 1.24. */
static int put_struct(struct writer *out, const struct type_header *header)
{
	uint64_t fields[2]; /* array, len */
	int error = memory_read(out->reader->memory, header->address + PART + 8, fields,
				sizeof(fields));

	if (error < 0)
		return error;
	if (header->size_bytes > 0 && fields[1] == 0)
		return -EBADMSG;
	put(out, "struct {");
	for (uint64_t i = 0; i < fields[1] && !is_full(out); i++) {
		put(out, "%s", i ? ";" : "");
		error = put_field(out, fields[0] + i * FIELD_BYTES);
		if (error < 0)
			return error;
	}
	put(out, "%s}", fields[1] ? " " : "");
	return 0;
}

static int put_interface(struct writer *out, const struct type_header *header)
{
	uint64_t methods;
	int error = memory_read_u64(out->reader->memory, header->address + PART + 16, &methods);

	if (error < 0)
		return error;
	put(out, methods ? "interface { ... }" : "interface {}");
	return 0;
}

static int (*const putters[KIND_UNSAFE_POINTER + 1])(struct writer *out,
						     const struct type_header *header) = {
	[KIND_ARRAY] = put_array,	  [KIND_CHAN] = put_channel,  [KIND_FUNC] = put_function,
	[KIND_INTERFACE] = put_interface, [KIND_MAP] = put_map,	      [KIND_POINTER] = put_pointer,
	[KIND_SLICE] = put_slice,	  [KIND_STRUCT] = put_struct,
};

static int put_static_name(struct writer *out, const struct type_header *header)
{
	const struct type_reader *reader = out->reader;
	char *text = out->text + out->used;
	int error = type_read_name(reader, reader->types + (uint64_t)header->name, text,
				   out->size - out->used, NULL);

	if (error < 0)
		return error;
	if (!text[0])
		return -EBADMSG;
	if (header->flags & TYPE_FLAG_EXTRA_STAR) {
		if (text[0] != '*')
			return -EBADMSG;
		memmove(text, text + 1, strlen(text));
	}
	out->used += strlen(text);
	return 0;
}

/* Reflection makes no named types: one that is not in the executable is another module's, and its
 * structure is not its name. */
static int put_header(struct writer *out, const struct type_header *header)
{
	if (type_is_static(out->reader, header))
		return put_static_name(out, header);
	if (header->flags & TYPE_FLAG_NAMED || !putters[header->kind])
		return -EBADMSG;
	return putters[header->kind](out, header);
}

static int put_type(struct writer *out, uint64_t address)
{
	struct type_header header;
	int error;

	if (is_full(out))
		return 0; /* the name is cut */
	if (out->depth > LIMIT_TYPE_DEPTH)
		return -EBADMSG;
	error = type_read(out->reader, address, &header);
	if (error < 0)
		return error;
	out->depth++;
	error = put_header(out, &header);
	out->depth--;
	return error;
}

int type_name_of(const struct type_reader *reader, uint64_t address, unsigned int depth, char *text,
		 size_t size)
{
	struct writer out = { .reader = reader, .depth = depth, .text = text, .size = size };

	text[0] = 0;
	return put_type(&out, address);
}

int type_name_before_1_23(const struct type_reader *reader, uint64_t address, char *text,
			  size_t size)
{
	struct writer out = {
		.reader = reader, .names_embedded = true, .text = text, .size = size
	};

	text[0] = 0;
	return put_type(&out, address);
}
