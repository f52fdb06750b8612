/*
 * runtime.firstmoduledata, the linker's description of the executable for the runtime
 * (runtime/symtab.go, type moduledata), found without symbols.
 */
#ifndef TARGET_MODULEDATA_H
#define TARGET_MODULEDATA_H

#include "target/go_binary.h"
#include "target/pclntab.h"

/* Finds and checks it against the pclntab. -ENOENT when there is no sound one. Silent. */
int moduledata_find(const struct elf_image *image, const struct pclntab *table,
		    const struct go_version *version, struct go_module *ret);

#endif
