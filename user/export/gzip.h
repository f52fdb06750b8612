/* Compressed output. */
#ifndef EXPORT_GZIP_H
#define EXPORT_GZIP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes `bytes` as one gzip member without name or time: the same bytes give the same file. 0,
 * -ENOMEM or -EIO. */
int gzip_write(FILE *out, const uint8_t *bytes, size_t count);

#endif
