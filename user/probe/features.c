/* Features by trial. Nothing stays behind: no program, map or link outlives its function. */
#include "probe/features.h"

#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <linux/bpf.h>

#include "base/cleanup.h"

/* r0 = 0; exit */
static int load_shortest(enum bpf_attach_type type)
{
	static const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = type);

	return bpf_prog_load(BPF_PROG_TYPE_KPROBE, "feature", "GPL", instructions, 2, &options);
}

int feature_load_program(void)
{
	int fd AUTO_CLOSE = load_shortest(0);

	return fd < 0 ? fd : 0;
}

int feature_make_map(void)
{
	int fd AUTO_CLOSE = bpf_map_create(BPF_MAP_TYPE_ARRAY, "feature", 4, 8, 1, NULL);

	return fd < 0 ? fd : 0;
}

/* A directory cannot hold probes: a kernel that knows such links says EBADF, an older one does not
 * come to look at it. */
bool feature_uprobe_multi(void)
{
	int program AUTO_CLOSE = load_shortest(FEATURE_UPROBE_MULTI);
	unsigned long offset = 0;
	LIBBPF_OPTS(bpf_link_create_opts, options, .uprobe_multi.path = "/",
		    .uprobe_multi.offsets = &offset, .uprobe_multi.cnt = 1);
	int link AUTO_CLOSE =
		program < 0 ? -1 : bpf_link_create(program, -1, FEATURE_UPROBE_MULTI, &options);

	return program >= 0 && link == -EBADF;
}

bool feature_uprobe_perf(void)
{
	return access("/sys/bus/event_source/devices/uprobe/type", R_OK) == 0;
}
