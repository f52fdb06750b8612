/*
 * Go symbol names are import path + '.' + what the source says, where type arguments and the types
 * of compiler-made functions carry import paths of their own. All three functions are one walk over
 * the name with an output that can be taken back: to the start of a path when a '/' shows that only
 * a directory was written, to the start of a bracket when it has become too long.
 */
#include "model/goname.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* `length` runs on where the text does not fit, so that taking back stays right. */
struct output {
	char *text;
	size_t size, length;
};

static void put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->text[out->length] = c;
	out->length++;
}

static void put_bytes(struct output *out, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(out, bytes[i]);
}

static void finish(struct output *out)
{
	if (out->size)
		out->text[out->length < out->size ? out->length : out->size - 1] = 0;
}

static size_t prefix_length(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) ? 0 : length;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* One character of a name, its escape undone (cmd/internal/objabi PathToPrefix: "%xx" in lower
 * case). Returns how long it was written. */
static size_t decode(const char *at, char *ret)
{
	int high = at[0] == '%' ? hex_digit(at[1]) : -1;
	int low = high >= 0 ? hex_digit(at[2]) : -1;
	bool escaped = low >= 0 && (high || low);

	*ret = escaped ? (char)(high << 4 | low) : at[0];
	return escaped ? 3 : 1;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The characters that end one qualified name inside of a type. */
static bool separates(char c)
{
	return c && strchr("[](){}*,; <>", c);
}

/* What stands before the type in the name of a compiler-made function: "type:.eq.", before Go 1.20
 * "type..eq.". */
static size_t made_prefix(const char *name)
{
	size_t start = prefix_length(name, "type:.");
	const char *dot;

	if (!start)
		start = prefix_length(name, "type..");
	dot = start ? strchr(name + start, '.') : NULL;
	return dot ? (size_t)(dot + 1 - name) : 0;
}

/* Length of the string literal (a struct tag) at `at`, quotes included; to the end when it is not
 * closed. */
static size_t literal_length(const char *at)
{
	size_t length = 1;

	while (at[length] && at[length] != '"')
		length += at[length] == '\\' && at[length + 1] ? 2 : 1;
	return at[length] ? length + 1 : length;
}

/* Whether the '[' at `at` opens type arguments: a name stands before it, and not the keyword of a
 * map. */
static bool opens_arguments(const char *name, const char *at)
{
	size_t word = 0;

	while (at - word > name && is_word(at[-1 - (ptrdiff_t)word]))
		word++;
	return word && !(word == 3 && !strncmp(at - 3, "map", 3));
}

/* Length of the bracket at `at`, both ends included; to the end of the name when it is not closed.
 */
static size_t bracket_length(const char *at)
{
	size_t length = 0, depth = 0;

	while (at[length]) {
		if (at[length] == '"') {
			length += literal_length(at + length);
			continue;
		}
		depth += at[length] == '[';
		depth -= at[length] == ']';
		length++;
		if (!depth)
			break;
	}
	return length;
}

/* "v2" and the like: says nothing without the element before it. */
static bool is_major_version(const char *element, const char *dot)
{
	if (element[0] != 'v' || !isdigit((unsigned char)element[1]))
		return false;
	for (element++; isdigit((unsigned char)*element); element++)
		;
	return element == dot;
}

struct walk {
	struct output out;
	const char *at;
	size_t path; /* where the qualified name starts in the output */
};

static void start_path(struct walk *walk)
{
	walk->path = walk->out.length;
	walk->at += prefix_length(walk->at, "go.shape.");
}

/* At a '/': what was written is a directory. It goes, unless a version follows it. */
static void leave_directory(struct walk *walk)
{
	const char *next = ++walk->at;

	if (is_major_version(next, next + strcspn(next, ".")))
		put(&walk->out, '/');
	else
		walk->out.length = walk->path;
}

static void step(struct walk *walk)
{
	char c = *walk->at;

	if (c == '"') {
		size_t length = literal_length(walk->at);

		put_bytes(&walk->out, walk->at, length);
		walk->at += length;
	} else if (c == '/') {
		leave_directory(walk);
	} else if (prefix_length(walk->at, "...")) {
		put_bytes(&walk->out, "...", 3);
		walk->at += 3;
		start_path(walk);
	} else {
		walk->at += decode(walk->at, &c);
		put(&walk->out, c);
		if (separates(walk->at[-1]))
			start_path(walk);
	}
}

void goname_short(const char *name, size_t max_args_bytes, char *out, size_t out_size)
{
	struct walk walk = { .out = { out, out_size, 0 }, .at = name };
	size_t made = made_prefix(name);

	put_bytes(&walk.out, name, made);
	walk.at += made;
	start_path(&walk);
	while (*walk.at) {
		const char *open = walk.at, *close;
		size_t start = walk.out.length + 1;

		if (*open != '[' || !opens_arguments(name, open)) {
			step(&walk);
			continue;
		}
		close = open + bracket_length(open) - 1;
		while (walk.at < close)
			step(&walk);
		if (max_args_bytes && walk.out.length - start > max_args_bytes) {
			walk.out.length = start;
			put_bytes(&walk.out, "...", 3);
		}
		if (*walk.at)
			step(&walk);
	}
	finish(&walk.out);
}

void goname_package(const char *name, char *out, size_t out_size)
{
	struct output output = { out, out_size, 0 };
	size_t made = made_prefix(name);
	const char *start = name + made, *end = start + strcspn(start, "[](){}*,; <>\"");
	const char *slash = start, *dot;

	for (const char *at = start; at < end; at++)
		slash = *at == '/' ? at : slash;
	dot = memchr(slash, '.', (size_t)(end - slash));
	if (!dot && made) { /* of an unnamed type */
		start = name;
		dot = name + 4;
	}
	for (const char *at = start; dot && at < dot;) {
		char c;

		at += decode(at, &c);
		put(&output, c);
	}
	finish(&output);
}

int goname_generic(const char *name, char *out, size_t out_size)
{
	struct output output = { out, out_size, 0 };
	const char *at = name + made_prefix(name);
	int found = 0;

	put_bytes(&output, name, (size_t)(at - name));
	while (*at) {
		char c;

		if (*at ==
		    '{') { /* an unnamed type: its fields' arguments are not the function's */
			put_bytes(&output, at, strlen(at));
			break;
		}
		if (*at == '[' && opens_arguments(name, at)) {
			at += bracket_length(at);
			put_bytes(&output, "[...]", 5);
			found = 1;
			continue;
		}
		at += decode(at, &c);
		put(&output, c);
	}
	finish(&output);
	return found;
}

bool goname_is_generic(const char *name)
{
	char out[1];

	return strchr(name, '[') && goname_generic(name, out, sizeof(out));
}
