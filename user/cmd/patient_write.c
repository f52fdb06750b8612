/* A pipe that poll(2) calls writable takes PIPE_BUF bytes at once (pipe(7)), so that no write of as
 * many blocks; files take everything. */
#include "cmd/patient_write.h"

#include <errno.h>
#include <linux/limits.h>
#include <poll.h>
#include <unistd.h>

#define WAIT_MS 50

int patient_write(int fd, const char *text, size_t length, bool (*wait)(void *context),
		  void *context)
{
	while (length) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };
		int result = poll(&ready, 1, WAIT_MS);
		ssize_t written;

		if (result <= 0) {
			if (!wait(context))
				return -EINTR;
			continue;
		}
		written = write(fd, text, length < PIPE_BUF ? length : PIPE_BUF);
		if (written < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	return 0;
}
