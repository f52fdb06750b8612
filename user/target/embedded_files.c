/*
 * The compiler writes (cmd/compile/internal/staticdata/embed.go WriteEmbed, Go 1.19-1.27)
 *
 *	list:	{ pointer to list+24, n, n }	the slice of files
 *		n x { name string, data string, hash [16]byte }
 *
 * with names that end in '/' for directories, which have no data and no hash. A word that points 24
 * bytes behind itself, followed by the same number twice, is rare; with all its hashes right it is
 * no accident.
 */
#include "target/embedded_files.h"

#include <errno.h>

#include "base/sha256.h"
#include "limits.h"

#define LIST_BYTES     24
#define FILE_BYTES     48
#define NAME_MAX_BYTES 4096
#define WORDS_BYTES    (1U << 20) /* between two looks at how much was read */

struct walk {
	const struct elf_image *image;
	struct image_memory *memory;
	embedded_file_visitor visit;
	void *context;
	uint64_t spent; /* elf_image_spend_pages */
	uint64_t hashed;
	bool too_much; /* was hashed */
	bool ended;
};

/*
 * What the compiler calls a hash is SHA-256 made recognisably different, and how has changed:
 * cmd/internal/notsha256 (to Go 1.23) inverts all bits; cmd/internal/hash changes the first byte of
 * files up to 1 KiB (Sum32: by 1 in 1.24, by 0xff in later versions) and begins with a byte 1 for
 * longer ones (New32).
 */
static bool hash_matches(struct span bytes, const uint8_t hash[EMBEDDED_HASH_BYTES])
{
	static const uint8_t one[] = { 1 };
	uint8_t digest[SHA256_BYTES], inverted = 0xff;
	bool same = true;

	sha256((struct span){ 0 }, bytes, digest);
	for (int i = 1; i < EMBEDDED_HASH_BYTES; i++) {
		inverted &= digest[i] ^ hash[i];
		same &= digest[i] == hash[i];
	}
	digest[0] ^= hash[0];
	if (inverted == 0xff && digest[0] == 0xff)
		return true;
	if (same && (digest[0] == 1 || digest[0] == 0xff))
		return true;
	sha256((struct span){ one, sizeof(one) }, bytes, digest);
	return !memcmp(digest, hash, EMBEDDED_HASH_BYTES);
}

static bool is_directory(const struct embedded_file *file)
{
	return file->name.data[file->name.length - 1] == '/';
}

/* io/fs.ValidPath, as far as bytes go: relative, and nothing that cannot be printed. */
static bool name_plausible(struct span name)
{
	if (!name.length || name.data[0] == '/')
		return false;
	for (size_t i = 0; i < name.length; i++)
		if (name.data[i] < ' ' || name.data[i] == 127)
			return false;
	return true;
}

static int read_file(const struct walk *walk, uint64_t list, uint64_t index,
		     struct embedded_file *ret)
{
	uint64_t words[FILE_BYTES / 8]; /* name, its length, data, its length, hash */
	uint64_t at = list + LIST_BYTES + index * FILE_BYTES;

	if (memory_read(image_memory_reader(walk->memory), at, words, sizeof(words)) < 0)
		return -EBADMSG;
	*ret = (struct embedded_file){ .list = list, .address = words[2] };
	memcpy(ret->hash, &words[4], sizeof(ret->hash));
	if (words[1] > NAME_MAX_BYTES || words[3] > UINT32_MAX)
		return -EBADMSG;
	ret->name = span_sub(elf_image_at(walk->image, words[0]), 0, words[1]);
	if (!name_plausible(ret->name))
		return -EBADMSG;
	if (words[3] == 0)
		return 0;
	ret->bytes = span_sub(elf_image_at(walk->image, words[2]), 0, words[3]);
	return ret->bytes.length ? 0 : -EBADMSG;
}

/* The linker stores equal contents once, and their files are often neighbours. */
static bool is_repeated(const struct embedded_file *file, const struct embedded_file *before)
{
	return file->address == before->address && file->bytes.length == before->bytes.length &&
	       !memcmp(file->hash, before->hash, sizeof(file->hash));
}

static bool may_hash(struct walk *walk, uint64_t bytes)
{
	walk->hashed += bytes;
	if (walk->hashed / EMBEDDED_HASHED_TIMES > elf_image_bytes(walk->image).length)
		walk->too_much = walk->ended = true;
	return !walk->too_much;
}

static bool file_sound(struct walk *walk, const struct embedded_file *file)
{
	static const uint8_t none[EMBEDDED_HASH_BYTES];
	bool sound;

	if (is_directory(file))
		return !file->bytes.length && !memcmp(file->hash, none, sizeof(none));
	if (!may_hash(walk, file->bytes.length))
		return false;
	sound = hash_matches(file->bytes, file->hash);
	elf_image_spend_pages(walk->image, file->bytes.length, &walk->spent);
	return sound;
}

/* First what is cheap, of all files; then their contents. */
static bool list_sound(struct walk *walk, uint64_t list, uint64_t count)
{
	struct embedded_file file, before = { 0 };

	for (uint64_t i = 0; i < count; i++)
		if (read_file(walk, list, i, &file) < 0)
			return false;
	for (uint64_t i = 0; i < count; i++) {
		if (read_file(walk, list, i, &file) < 0 ||
		    (!is_repeated(&file, &before) && !file_sound(walk, &file)))
			return false;
		before = file;
	}
	return true;
}

/* `list` holds a word that points behind the list. */
static void try_list(struct walk *walk, uint64_t list)
{
	struct embedded_file file;
	uint64_t counts[2] = { 0, 0 };

	if (list % 8 != 0 ||
	    memory_read(image_memory_reader(walk->memory), list + 8, counts, sizeof(counts)) < 0 ||
	    !counts[0] || counts[0] != counts[1] || counts[0] > LIMIT_EMBEDDED_FILES ||
	    !list_sound(walk, list, counts[0]))
		return;
	for (uint64_t i = 0; i < counts[0] && !walk->ended; i++)
		if (read_file(walk, list, i, &file) == 0 && !is_directory(&file))
			walk->ended = !walk->visit(walk->context, &file);
}

static void walk_segment(struct walk *walk, const struct elf_segment *segment)
{
	struct span bytes = elf_image_at(walk->image, segment->address);
	uint64_t word, offset = -segment->address % 8;

	for (; !walk->ended && span_u64(bytes, offset, &word) == 0; offset += 8) {
		if (word == segment->address + offset + LIST_BYTES)
			try_list(walk, segment->address + offset);
		if (offset % WORDS_BYTES < 8)
			elf_image_spend_pages(walk->image, WORDS_BYTES, &walk->spent);
	}
}

static void walk_segments(struct walk *walk)
{
	struct elf_segment segment;

	for (size_t i = 0; elf_image_segment(walk->image, i, &segment); i++)
		if (!segment.executable)
			walk_segment(walk, &segment);
}

static void walk_pointers(struct walk *walk)
{
	size_t count;
	const struct image_pointer *pointers = image_memory_pointers(walk->memory, &count);

	for (size_t i = 0; !walk->ended && i < count; i++)
		if (pointers[i].value == pointers[i].address + LIST_BYTES)
			try_list(walk, pointers[i].address);
}

bool embedded_files_walk(const struct elf_image *image, struct image_memory *memory,
			 embedded_file_visitor visit, void *context)
{
	struct walk walk = { .image = image, .memory = memory, .visit = visit, .context = context };

	if (elf_image_is_pie(image))
		walk_pointers(&walk);
	else
		walk_segments(&walk);
	return !walk.too_much;
}
