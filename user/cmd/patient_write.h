/* Writing to a reader that may be slow, or have stopped reading, without standing still meanwhile.
 */
#ifndef CMD_PATIENT_WRITE_H
#define CMD_PATIENT_WRITE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes all of it. While `fd` takes nothing `wait` is called some times a second, until it says
 * false: then -EINTR. 0 or a negative errno, silent.
 */
int patient_write(int fd, const char *text, size_t length, bool (*wait)(void *context),
		  void *context);

#endif
