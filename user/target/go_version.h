/* Go version strings as the toolchain writes them (runtime.Version). */
#ifndef TARGET_GO_VERSION_H
#define TARGET_GO_VERSION_H

#include "base/span.h"
#include "target/go_binary.h"

/* The versions whose executables this code was made for and compared with. */
#define GO_MINOR_OLDEST 19
#define GO_MINOR_NEWEST 27

/*
 * Understands "go1.23.5", "go1.21rc2", "go1.26-abc123 X:foo", "devel go1.28-1a2b3c Mon ...", and
 * keeps the whole text (cut to the member's size). -EINVAL, silent, when there is no version in it:
 * "unknown", "", "devel +1a2b3c".
 */
int go_version_parse(struct span text, struct go_version *ret);

/* Within GO_MINOR_OLDEST and GO_MINOR_NEWEST of Go 1. */
bool go_version_supported(const struct go_version *version);

#endif
