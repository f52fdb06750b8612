/* The files of /proc/PID. Everything here is silent and returns 0 or a descriptor, or a negative
 * errno. */
#ifndef TARGET_PROCESS_FILES_H
#define TARGET_PROCESS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

int process_file_open(pid_t pid, const char *name);
bool process_file_exists(pid_t pid, const char *name);

/* At most size - 1 bytes, NUL-terminated; what is longer is cut. Returns the length. */
ssize_t process_file_read(pid_t pid, const char *name, char *buffer, size_t size);

/* The target of a link such as exe, NUL-terminated, cut to size - 1 bytes. */
int process_file_link(pid_t pid, const char *name, char *buffer, size_t size);

#endif
