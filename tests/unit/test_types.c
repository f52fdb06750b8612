/* Names of types from descriptors in made-up memory - read, rebuilt, refused - and in live
 * programs, which say themselves what they allocate. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "harness/announce.h"
#include "limits.h"
#include "memory_image.h"
#include "target/target.h"
#include "target/type_text.h"

DEFINE_CLEANUP(cleanup_target, struct target, target_free)

/* Where what was made by reflection lies: outside of the types section. */
#define HEAP	  (IMAGE_BASE + 0x10000U)
#define KIND_INT  2
#define TAGGED	  2
#define EMBEDDED  8
#define CHAN_RECV 1
#define CHAN_SEND 2
#define CHAN_BOTH 3

static struct memory_image image;
static uint64_t next_static, next_heap, next_name;

static void begin(void)
{
	memset(&image, 0, sizeof(image));
	next_name = IMAGE_BASE + 16;
	next_static = IMAGE_BASE + 0x8000;
	next_heap = HEAP;
}

/* An abi.Name: flags, length, text, and when tagged length and text again. Returns its address. */
static uint64_t put_name(const char *text, const char *tag, uint8_t flags)
{
	const char *const texts[] = { text, tag };
	uint64_t name = next_name, at = name + 1;

	image_put(&image, name, flags, 1);
	for (int i = 0; i < 2 && texts[i]; i++) {
		size_t length = strlen(texts[i]);

		if (length > 127)
			image_put(&image, at++, (length & 127) | 128, 1);
		image_put(&image, at++, length > 127 ? length >> 7 : length, 1);
		memcpy(image.bytes + (at - IMAGE_BASE), texts[i], length);
		at += length;
	}
	next_name = at;
	return name;
}

static uint64_t put_header(uint64_t address, int kind, uint64_t size, uint8_t flags, int32_t name)
{
	image_put(&image, address, size, 8);
	image_put(&image, address + 20, flags, 1);
	image_put(&image, address + 21, 8, 1);
	image_put(&image, address + 23, (uint64_t)kind, 1);
	image_put(&image, address + 40, (uint32_t)name, 4);
	return address;
}

/* A type of the executable. */
static uint64_t put_static(const char *name, int kind, uint64_t size, uint8_t flags)
{
	uint64_t address = next_static;

	next_static += 128;
	return put_header(address, kind, size, flags,
			  (int32_t)(put_name(name, NULL, 0) - IMAGE_BASE));
}

/* One made by reflection, with up to four words of its kind's own part. */
static uint64_t put_made(int kind, uint64_t size, const uint64_t words[4])
{
	uint64_t address = next_heap;

	next_heap += 128;
	for (uint64_t i = 0; i < 4; i++)
		image_put(&image, address + TYPE_HEADER_BYTES + 8 * i, words[i], 8);
	return put_header(address, kind, size, 0, -1);
}

static uint64_t put_int(void)
{
	return put_static("int", KIND_INT, 8, TYPE_FLAG_NAMED);
}

static uint64_t put_slice(uint64_t element)
{
	return put_made(KIND_SLICE, 24, (const uint64_t[4]){ element });
}

static uint64_t put_chan(uint64_t element, uint64_t direction)
{
	return put_made(KIND_CHAN, 8, (const uint64_t[4]){ element, direction });
}

struct field {
	const char *name;
	uint64_t type;
	const char *tag;
	uint8_t flags;
};

static uint64_t put_struct(const struct field *fields, uint64_t count)
{
	uint64_t at = next_heap;

	next_heap += count * 24 + 8;
	for (uint64_t i = 0; i < count; i++) {
		image_put(&image, at + 24 * i,
			  put_name(fields[i].name, fields[i].tag, fields[i].flags), 8);
		image_put(&image, at + 24 * i + 8, fields[i].type, 8);
	}
	return put_made(KIND_STRUCT, 8 * count, (const uint64_t[4]){ 0, at, count, count });
}

/* The name, or "refused". */
static const char *name_in(uint64_t address, bool before_1_23, size_t room)
{
	static char text[LIMIT_NAME_BYTES];
	struct memory memory = image_memory(&image);
	struct type_reader reader = { &memory, IMAGE_BASE, HEAP };
	int error = before_1_23 ? type_name_before_1_23(&reader, address, text, room)
				: type_name_of(&reader, address, 0, text, room);

	return error < 0 ? "refused" : text;
}

static const char *name_of(uint64_t address)
{
	return name_in(address, false, LIMIT_NAME_BYTES);
}

/* ---- names ---- */

TEST("a type of the executable has its own name, without the star that is not its own")
{
	begin();
	CHECK_STRING(name_of(put_static("main.Node", KIND_STRUCT, 40, TYPE_FLAG_NAMED)),
		     "main.Node");
	CHECK_STRING(name_of(put_static("*main.Node", KIND_STRUCT, 40,
					TYPE_FLAG_NAMED | TYPE_FLAG_EXTRA_STAR)),
		     "main.Node");
	CHECK_STRING(name_of(put_static("*main.Node", KIND_POINTER, 8, 0)), "*main.Node");
	CHECK_STRING(name_of(put_static("main.Node", KIND_STRUCT, 40, TYPE_FLAG_EXTRA_STAR)),
		     "refused");
	CHECK_STRING(name_of(put_static("", KIND_INT, 8, 0)), "refused");
	CHECK_STRING(name_of(put_static("main.\nNode", KIND_STRUCT, 40, 0)), "refused");
}

TEST("a name of more than 127 bytes is read by its longer length")
{
	char text[301];

	begin();
	memset(text, 'x', 300);
	text[300] = 0;
	CHECK_STRING(name_of(put_static(text, KIND_STRUCT, 8, 0)), text);
}

TEST("pointers, slices, arrays and maps made by reflection are spelled as reflect does")
{
	uint64_t integer, slice;

	begin();
	integer = put_int();
	slice = put_slice(integer);
	CHECK_STRING(name_of(slice), "[]int");
	CHECK_STRING(name_of(put_made(KIND_POINTER, 8, (const uint64_t[4]){ slice })), "*[]int");
	CHECK_STRING(name_of(put_made(KIND_ARRAY, 56, (const uint64_t[4]){ integer, slice, 7 })),
		     "[7]int");
	CHECK_STRING(name_of(put_made(KIND_MAP, 8, (const uint64_t[4]){ integer, slice })),
		     "map[int][]int");
	CHECK_STRING(name_of(put_made(KIND_INTERFACE, 16, (const uint64_t[4]){ 0 })),
		     "interface {}");
}

TEST("a channel of channels to receive from has parentheses, no other")
{
	uint64_t integer, receive;

	begin();
	integer = put_int();
	receive = put_chan(integer, CHAN_RECV);
	CHECK_STRING(name_of(receive), "<-chan int");
	CHECK_STRING(name_of(put_chan(integer, CHAN_SEND)), "chan<- int");
	CHECK_STRING(name_of(put_chan(integer, CHAN_BOTH)), "chan int");
	CHECK_STRING(name_of(put_chan(receive, CHAN_BOTH)), "chan (<-chan int)");
	CHECK_STRING(name_of(put_chan(receive, CHAN_SEND)), "chan<- <-chan int");
	CHECK_STRING(name_of(put_chan(put_chan(integer, CHAN_SEND), CHAN_BOTH)), "chan chan<- int");
	CHECK_STRING(name_of(put_chan(integer, 0)), "refused");
	CHECK_STRING(name_of(put_chan(integer, 4)), "refused");
}

/* counts: in, and out with the top bit for variadic; uncommon: 16 bytes come in between. */
static uint64_t put_func(uint64_t in, uint64_t out, const uint64_t types[3], bool uncommon)
{
	uint64_t address = put_made(KIND_FUNC, 8, (const uint64_t[4]){ in | out << 16 });

	for (uint64_t i = 0; i < 3; i++)
		image_put(&image, address + 56 + (uncommon ? 16 : 0) + 8 * i, types[i], 8);
	image_put(&image, address + 20, uncommon ? TYPE_FLAG_UNCOMMON : 0, 1);
	return address;
}

TEST("functions have their parameters, results and dots")
{
	uint64_t integer, types[3];

	begin();
	integer = put_int();
	types[0] = integer;
	types[1] = types[2] = put_slice(integer);
	CHECK_STRING(name_of(put_func(0, 0, types, false)), "func()");
	CHECK_STRING(name_of(put_func(1, 1, types, false)), "func(int) []int");
	CHECK_STRING(name_of(put_func(1, 2, types, true)), "func(int) ([]int, []int)");
	CHECK_STRING(name_of(put_func(2, 1 | 0x8000, types, false)), "func(int, ...int) []int");
	CHECK_STRING(name_of(put_func(1, 0x8000, types, false)), "refused"); /* ...: no slice */
}

TEST("structs have their fields with tags; an embedded one has its name before Go 1.23")
{
	uint64_t integer, made;

	begin();
	integer = put_int();
	made = put_struct((const struct field[]){ { "A", integer, "json:\"a\"", TAGGED },
						  { "Emb", integer, NULL, EMBEDDED },
						  { "B", put_slice(integer), "\\\t\x01", TAGGED } },
			  3);
	CHECK_STRING(name_of(made),
		     "struct { A int \"json:\\\"a\\\"\"; int; B []int \"\\\\\\t\\x01\" }");
	CHECK_STRING(name_in(made, true, LIMIT_NAME_BYTES),
		     "struct { A int \"json:\\\"a\\\"\"; Emb int; B []int \"\\\\\\t\\x01\" }");
	CHECK_STRING(name_of(put_made(KIND_STRUCT, 0, (const uint64_t[4]){ 0 })), "struct {}");
	CHECK_STRING(name_of(put_made(KIND_STRUCT, 656, (const uint64_t[4]){ 0 })), "refused");
}

TEST("a struct of very many fields is named as far as there is room")
{
	struct field fields[600];
	uint64_t made;

	begin();
	for (size_t i = 0; i < 600; i++)
		fields[i] = (struct field){ "F", 0, NULL, 0 };
	fields[0].type = put_int();
	for (size_t i = 1; i < 600; i++)
		fields[i].type = fields[0].type;
	made = put_struct(fields, 600);
	/* "struct {", 600 times " F int", 599 semicolons, " }" */
	CHECK_INT(strlen(name_of(made)), 8 + 600 * 6 + 599 + 2);
	CHECK_STRING(name_in(made, false, 24), "struct { F int; F int; ");
	CHECK_STRING(name_in(made, false, 1), "");
}

/* ---- hostile ---- */

TEST("a named type of another module is not named by its structure")
{
	uint64_t made;

	begin();
	made = put_slice(put_int());
	image_put(&image, made + 20, TYPE_FLAG_NAMED, 1);
	CHECK_STRING(name_of(made), "refused");
	CHECK_STRING(name_of(put_slice(made)), "refused");
}

TEST("what is no descriptor is refused: kind, alignment, sizes, address")
{
	uint64_t integer;

	begin();
	integer = put_int();
	CHECK_STRING(name_of(integer), "int");
	CHECK_STRING(name_of(integer + 4), "refused");
	CHECK_STRING(name_of(8), "refused");
	CHECK_STRING(name_of(0xffff800000000000), "refused");
	CHECK_STRING(name_of(0x7f0000000000), "refused");
	image_put(&image, integer + 23, 0, 1);
	CHECK_STRING(name_of(integer), "refused");
	image_put(&image, integer + 23, 27, 1);
	CHECK_STRING(name_of(integer), "refused");
	image_put(&image, integer + 23, KIND_INT, 1);
	image_put(&image, integer + 21, 3, 1);
	CHECK_STRING(name_of(integer), "refused");
	image_put(&image, integer + 21, 8, 1);
	image_put(&image, integer + 8, 9, 8); /* more bytes of pointers than bytes */
	CHECK_STRING(name_of(integer), "refused");
	image_put(&image, integer + 8, 0, 8);
	image_put(&image, integer, 1ULL << 50, 8);
	CHECK_STRING(name_of(integer), "refused");
}

TEST("types made of themselves, and fields that are nowhere, are refused")
{
	uint64_t self, both;

	begin();
	self = put_slice(0);
	image_put(&image, self + TYPE_HEADER_BYTES, self, 8);
	CHECK_STRING(name_of(self), "refused");
	both = put_made(KIND_MAP, 8, (const uint64_t[4]){ 0 });
	image_put(&image, both + TYPE_HEADER_BYTES, both, 8);
	image_put(&image, both + TYPE_HEADER_BYTES + 8, both, 8);
	CHECK_STRING(name_of(both), "refused");
	CHECK_STRING(name_of(put_made(KIND_STRUCT, 8, (const uint64_t[4]){ 0, 0x7f0000000000, 1 })),
		     "refused");
	CHECK_STRING(
		name_of(put_made(KIND_STRUCT, 8, (const uint64_t[4]){ 0, HEAP, UINT64_MAX / 24 })),
		"refused");
}

/* ---- live ---- */

/* Samples of this type, or of a slice of it: makeslice is told the element. */
static uint64_t count_samples(struct target *target, const char *type)
{
	const struct bucket *buckets;
	uint64_t invalid, samples = 0;
	size_t count;

	EXPECT(target_buckets(target, &buckets, &count, &invalid) == 0, "no buckets");
	for (size_t i = 0; i < count; i++) {
		const char *name = buckets[i].type;

		if (name && (strcmp(name, type) == 0 ||
			     (strncmp(name, "[]", 2) == 0 && strcmp(name + 2, type) == 0)))
			samples += buckets[i].allocs;
	}
	return samples;
}

/* The text after "name": " in JSON; the position behind it. */
static const char *text_after(const char *json, const char *name, char text[128])
{
	char key[32];

	snprintf(key, sizeof(key), "\"%s\": \"", name);
	json = strstr(json, key);
	EXPECT(json, "no %s", name);
	json += strlen(key);
	snprintf(text, 128, "%.*s", (int)strcspn(json, "\""), json);
	return json;
}

static void check_kind(struct program *program, struct target *target, const char *kind,
		       const char *type)
{
	uint64_t before = count_samples(target, type), after;
	char line[160];

	snprintf(line, sizeof(line), "alloc %s 50 0", kind);
	program_ask(program, line);
	after = count_samples(target, type);
	EXPECT(after - before == 50, "%s: %" PRIu64 " samples of %s, not 50", kind, after - before,
	       type);
}

/* The call site does not tell the type of what reflection or generic code allocates; tiny objects
 * share blocks, and only the first of a block is sampled. */
static bool is_left_out(const char *kind)
{
	static const char *const kinds[] = { "reflected", "pairvalues", "pairpointers", "tiny8",
					     "number" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

static void check_live(void)
{
	static char kinds[16384];
	char ready[256], kind[128], type[128];
	AUTO_PROGRAM struct program program = announce_start("ANNOUNCE_RATE=1", ready);
	struct target *target CLEANUP(cleanup_target) = NULL;
	int error = target_open(program.pid, &target), checked = 0;

	if (error == -EACCES || error == -EPERM)
		test_skip("no right to trace a process here");
	EXPECT(error == 0, "cannot be opened: %d", error);
	snprintf(kinds, sizeof(kinds), "%s", program_ask(&program, "kinds"));
	for (const char *at = strstr(kinds, "\"kinds\":"); (at = strstr(at, "{\"kind\":"));) {
		at = text_after(at, "kind", kind);
		at = text_after(at, "type", type);
		if (!type[0] || is_left_out(kind))
			continue;
		check_kind(&program, target, kind, type);
		checked++;
	}
	EXPECT(checked >= 13, "only %d kinds", checked);
}

TEST("what a live program allocates has the type that the program says")
{
	announce_each("stripped", check_live);
	announce_each("pie-stripped", check_live);
}
