/*
 * BPF programs see the machine's process numbers, we and the user those of our own namespace.
 * Inside a container the programs translate, for which they need the depth of our namespace.
 */
#include "probe/namespace.h"

#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include "base/cleanup.h"
#include "base/diag.h"
#include "probe/object.h"

/* PROC_PID_INIT_INO of include/linux/proc_ns.h: the first PID namespace, on every kernel since 3.8.
 */
#define INITIAL_INODE 0xEFFFFFFCU

bool namespace_is_initial(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == INITIAL_INODE;
}

/* Runs the program that reads its own task's depth, in our own context. */
static int ask_kernel(uint32_t *ret)
{
	struct heaptap_bpf *object CLEANUP(object_cleanup) = NULL;
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int err = object_open(&object);

	if (err < 0)
		return err;
	bpf_program__set_autoload(object->progs.pid_level, true);
	err = heaptap_bpf__load(object);
	if (err < 0)
		return diag_fail(err, "cannot load the BPF programs (-v says more)");
	err = bpf_prog_test_run_opts(bpf_program__fd(object->progs.pid_level), &run);
	if (err < 0)
		return diag_fail(err, "cannot find out the PID namespace we are in");
	*ret = run.retval;
	return 0;
}

int namespace_level(uint32_t *ret)
{
	static struct {
		bool known;
		uint32_t level;
	} own;

	if (!own.known && !namespace_is_initial()) {
		int err = ask_kernel(&own.level);

		if (err < 0)
			return err;
	}
	own.known = true;
	*ret = own.level;
	return 0;
}
