/* All that was lost, for whatever reason. */
#ifndef TESTS_BPF_LOSSES_H
#define TESTS_BPF_LOSSES_H

#include "probe/probe.h"

uint64_t all_losses(const struct probe_statistics *statistics);

#endif
