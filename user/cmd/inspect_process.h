/* The section that only a process has: whether this one can be observed, and how. */
#ifndef CMD_INSPECT_PROCESS_H
#define CMD_INSPECT_PROCESS_H

#include <sys/types.h>

#include "model/inspection.h"

extern const struct inspection_shape inspect_process_shape;

/* Texts of the section; owned by the caller, to be kept as long as the section. */
struct inspect_process {
	char texts[8][384];
};

/* Opens the process as an observation does, plans every group of probes on it, and tells what came
 * of it; attaches nothing and writes nothing. 0, -ENOMEM. */
int inspect_process_read(pid_t pid, struct inspect_process *texts, struct inspection_section *ret);

#endif
