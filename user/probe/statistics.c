/* Reading the map `counters`, whose values the kernel gives one for each possible CPU. */
#include "probe/statistics.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <linux/types.h>
#include "wire.h"

#include "base/cleanup.h"

int statistics_counter(struct bpf_map *counters, uint32_t counter, uint64_t *ret)
{
	int cpus = libbpf_num_possible_cpus(), err;
	uint64_t *values AUTO_FREE = NULL;

	if (cpus < 0)
		return cpus;
	values = calloc((size_t)cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	err = bpf_map_lookup_elem(bpf_map__fd(counters), &counter, values);
	if (err < 0)
		return err;
	*ret = 0;
	for (int cpu = 0; cpu < cpus; cpu++)
		*ret += values[cpu];
	return 0;
}

int statistics_read(struct bpf_map *counters, struct probe_statistics *statistics)
{
	int err = statistics_counter(counters, WIRE_HITS, &statistics->hits);

	if (err == 0)
		err = statistics_counter(counters, WIRE_FOREIGN, &statistics->foreign);
	for (uint32_t loss = 0; err == 0 && loss < LOSS_COUNT; loss++)
		err = statistics_counter(counters, loss, &statistics->losses[loss]);
	return err;
}
