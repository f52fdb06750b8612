/*
 * An executable taken apart without a process: every section that `heaptap inspect` shows. A
 * section that cannot be read says why and leaves the others alone.
 */
#ifndef TARGET_INSPECT_H
#define TARGET_INSPECT_H

#include "model/inspection.h"
#include "target/elf_image.h"

struct inspector;

/*
 * Opens the file behind `fd` (closed by the caller). Reports and fails for what is no Go
 * executable. One of an unknown Go version is opened: the sections that only need its build
 * information work, the others say why they do not.
 */
int inspector_open(int fd, const char *label, struct inspector **ret);
/* The same over an image, borrowed: for tests and fuzzing. */
int inspector_of_image(const struct elf_image *image, struct inspector **ret);
void inspector_free(struct inspector *inspector);

/* The sections in their order; NULL after the last. */
const struct inspection_shape *inspector_shape(size_t index);

/*
 * Fills a section; texts live as long as the inspector. Nothing is reported: what is missing is in
 * the section's note. 0, or -ENOMEM.
 */
int inspector_read(struct inspector *inspector, size_t index, struct inspection_section *ret);

#endif
