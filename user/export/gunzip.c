/* gunzip over zlib, and files read whole. */
#include "export/gunzip.h"

#include <errno.h>
#include <stdio.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/vec.h"

#define GZIP_WINDOW_BITS (15 + 16) /* zlib.h, inflateInit2: 16 asks for a gzip header */
#define STEP_BYTES	 (64U << 10)

struct bytes {
	uint8_t *items;
	size_t count, capacity;
};

static void cleanup_inflate(z_stream *stream)
{
	inflateEnd(stream);
}

static void cleanup_bytes(struct bytes *bytes)
{
	free(bytes->items);
}

bool gunzip_is(const uint8_t *bytes, size_t size)
{
	return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* 1 when there may be more, 0 at the end. */
static int inflate_step(z_stream *stream, struct bytes *out, size_t most)
{
	int error = VEC_RESERVE(out, out->count + STEP_BYTES, most + STEP_BYTES), status;

	if (error < 0)
		return error;
	stream->next_out = out->items + out->count;
	stream->avail_out = STEP_BYTES;
	status = inflate(stream, Z_NO_FLUSH);
	out->count += STEP_BYTES - stream->avail_out;
	if (out->count > most)
		return -E2BIG;
	if (status == Z_MEM_ERROR)
		return -ENOMEM;
	if (status == Z_STREAM_END)
		return 0;
	if (status == Z_BUF_ERROR ||
	    (status == Z_OK && stream->avail_in == 0 && stream->avail_out > 0))
		return -ENODATA;
	return status == Z_OK ? 1 : -EBADMSG;
}

int gunzip(const uint8_t *bytes, size_t size, size_t most, uint8_t **ret, size_t *ret_size)
{
	CLEANUP(cleanup_inflate) z_stream stream = { 0 };
	CLEANUP(cleanup_bytes) struct bytes out = { 0 };
	int result = 1;

	*ret = NULL;
	if (size > most)
		return -E2BIG;
	if (inflateInit2(&stream, GZIP_WINDOW_BITS) != Z_OK)
		return -ENOMEM;
	stream.next_in = (uint8_t *)bytes;
	stream.avail_in = (uInt)size;
	while (result == 1)
		result = inflate_step(&stream, &out, most);
	if (result < 0)
		return result;
	*ret_size = out.count;
	*ret = TAKE(out.items);
	return 0;
}

int file_read_whole(const char *path, size_t most, uint8_t **ret, size_t *ret_size)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	CLEANUP(cleanup_bytes) struct bytes all = { 0 };
	size_t got = 1;

	if (!file)
		return -errno;
	while (got > 0) {
		int error = VEC_RESERVE(&all, all.count + STEP_BYTES, most + STEP_BYTES);

		if (error < 0)
			return error;
		errno = 0;
		got = fread(all.items + all.count, 1, STEP_BYTES, file);
		all.count += got;
		if (all.count > most)
			return -E2BIG;
	}
	if (ferror(file))
		return errno ? -errno : -EIO;
	*ret_size = all.count;
	*ret = TAKE(all.items);
	return 0;
}
