/* Compressed input, with a cap. */
#ifndef EXPORT_GUNZIP_H
#define EXPORT_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool gunzip_is(const uint8_t *bytes, size_t size);

/* One gzip member, at most `most` bytes of it, to be freed. 0, -ENOMEM, -E2BIG, -ENODATA when it
 * ends too early, or -EBADMSG. Silent; *ret is NULL on failure. */
int gunzip(const uint8_t *bytes, size_t size, size_t most, uint8_t **ret, size_t *ret_size);

/* A whole file of at most `most` bytes, to be freed. 0, -E2BIG or another negative errno, silent.
 */
int file_read_whole(const char *path, size_t most, uint8_t **ret, size_t *ret_size);

#endif
