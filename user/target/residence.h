/* Where the resident memory of a Go process is: each mapping of /proc/PID/smaps, and parts of it
 * where addresses are known, in the classes of model/rss_split.h. */
#ifndef TARGET_RESIDENCE_H
#define TARGET_RESIDENCE_H

#include <sys/types.h>

#include "model/rss_split.h"
#include "target/elf_image.h"
#include "target/globals.h"
#include "target/layout.h"
#include "target/memory.h"

struct residence;

/* Everything borrowed; addresses in `globals` are in the process, `bias` is what was added to those
 * of `image`. Silent: -ENOMEM, or -ENOTSUP where a variable is missing. */
int residence_new(pid_t pid, struct memory *memory, const struct layout *layout,
		  const struct globals *globals, const struct elf_image *image, uint64_t bias,
		  struct residence **ret);
void residence_free(struct residence *residence);

/*
 * The bytes of all classes sum to that of the Rss lines. What it costs grows with the mappings and
 * with the size of the heap: see cmd/observe_rss.c. 0 or a negative errno, silent: -E2BIG when
 * there are more mappings than LIMIT_MAPPINGS.
 */
int residence_read(struct residence *residence, struct rss_resident *ret);

#endif
