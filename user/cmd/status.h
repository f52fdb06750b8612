/* From errno to the exit status of the manual. */
#ifndef CMD_STATUS_H
#define CMD_STATUS_H

#include "command.h"

/* 0: done; -ENOMEM and -EPROTO (our own bug, as the kernel's verifier or a library sees it):
 * internal; everything else is about the target or the output. */
enum status status_of(int error);

#endif
