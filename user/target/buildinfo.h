/*
 * What the go command wrote into an executable about how it was made (debug/buildinfo): the
 * version of Go, the main module, the build settings.
 */
#ifndef TARGET_BUILDINFO_H
#define TARGET_BUILDINFO_H

#include "target/elf_image.h"
#include "target/go_binary.h"

struct buildinfo;

/*
 * The build information of an executable: section .go.buildinfo, else the first sound one in a
 * loadable segment. Silent: -ENOENT none (not a Go program), -ENOTSUP the form of Go 1.17 and
 * before, -EINVAL damaged or without a version, -ENOMEM.
 */
int buildinfo_find(const struct elf_image *image, struct buildinfo **ret);
/* The same from the bytes that begin with the magic (debug/buildinfo, readRawBuildInfo). */
int buildinfo_parse(struct span bytes, struct buildinfo **ret);
void buildinfo_free(struct buildinfo *info);

const struct go_version *buildinfo_version(const struct buildinfo *info);
const char *buildinfo_path(const struct buildinfo *info); /* as go_binary_path */
const char *buildinfo_setting(const struct buildinfo *info, const char *key); /* or NULL */
/*
 * All lines in their order, as `go version -m` prints them: tab-separated "path", "mod", "dep",
 * "=>" or "build" and what follows. NULL after the last one; *at is 0 before the first. Valid as
 * long as `info`.
 */
const char *buildinfo_line(const struct buildinfo *info, size_t *at);

#endif
