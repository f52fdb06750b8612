/* When a process started. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/process.h"
#include "target/process_files.h"

/* Field 22 of /proc/PID/stat counts clock ticks since boot; what stands before the last parenthesis
 * is the process's own choice. */
int64_t process_start_unix_ns(const struct process *process)
{
	int64_t booted_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	unsigned long long ticks;
	char text[1024], *after;

	if (process_file_read(process_pid(process), "stat", text, sizeof(text)) < 0)
		return -1;
	after = strrchr(text, ')');
	if (!after || sscanf(after + 1,
			     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			     "%*d %*d %llu",
			     &ticks) != 1)
		return -1;
	return booted_ns + (int64_t)((double)ticks * 1e9 / (double)sysconf(_SC_CLK_TCK));
}
