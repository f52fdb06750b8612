/* gzip over zlib. */
#include "export/gzip.h"

#include <errno.h>
#include <zlib.h>

#include "base/cleanup.h"

#define GZIP_WINDOW_BITS (15 + 16) /* zlib.h, deflateInit2: 16 asks for a gzip header */
#define MEMORY_LEVEL	 8
#define INPUT_MAX	 (1U << 30) /* avail_in is 32 bits wide */

static void cleanup_deflate(z_stream *stream)
{
	deflateEnd(stream);
}

/* Hands the stream's pending output to the file until it asks for more input, or ends. */
static int drain(FILE *out, z_stream *stream, int flush)
{
	uint8_t buffer[64 << 10];
	int status;

	do {
		stream->next_out = buffer;
		stream->avail_out = sizeof(buffer);
		status = deflate(stream, flush);
		if (status == Z_STREAM_ERROR)
			return -EIO;
		if (fwrite(buffer, 1, sizeof(buffer) - stream->avail_out, out) !=
		    sizeof(buffer) - stream->avail_out)
			return -EIO;
	} while (stream->avail_out == 0);
	return 0;
}

int gzip_write(FILE *out, const uint8_t *bytes, size_t count)
{
	CLEANUP(cleanup_deflate) z_stream stream = { 0 };
	int error = 0;

	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	do {
		stream.next_in = (uint8_t *)bytes;
		stream.avail_in = count < INPUT_MAX ? (uInt)count : INPUT_MAX;
		bytes += stream.avail_in;
		count -= stream.avail_in;
		error = drain(out, &stream, count ? Z_NO_FLUSH : Z_FINISH);
	} while (error == 0 && count);
	return error;
}
