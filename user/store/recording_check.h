/* Whether a file is a recording that this program can read. */
#ifndef STORE_RECORDING_CHECK_H
#define STORE_RECORDING_CHECK_H

#include "store/database.h"

/* Reported. */
int recording_check(const struct database *database, const char *path);

#endif
