/*
 * Opening and loading the skeleton. A program is loaded for one way of attaching and is refused for
 * the other, so the way is settled before (attach.h).
 */
#include "probe/object.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include "base/cleanup.h"
#include "base/diag.h"
#include "probe/features.h"
#include "probe/namespace.h"
#include "probe/stack_masks.h"

/* libbpf explains failures in many lines, of which ours says the gist: only for -v. */
static int print_note(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char text[512];
	size_t length;

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(text, sizeof(text), format, arguments);
	length = strcspn(text, "\n");
	text[length] = 0;
	diag_note("%s", text);
	return 0;
}

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}

/* A file that describes no types at all, open for good; -1 when there is none. */
static int no_types(void)
{
	struct btf *btf CLEANUP(free_btf) = btf__new_empty();
	int file AUTO_CLOSE = memfd_create("heaptap-no-types", MFD_CLOEXEC);
	const void *bytes;
	__u32 length;

	if (!btf || file < 0)
		return -1;
	bytes = btf__raw_data(btf, &length);
	if (!bytes || write(file, bytes, length) != (ssize_t)length)
		return -1;
	return TAKE_FD(file);
}

/*
 * Only inside a container do the programs look into the kernel's structs (core_nested_pid); on the
 * machine itself the verifier drops that code unseen. libbpf would read the description of all
 * types of the kernel for it, and holds it twice for a moment: 11 MB of a peak of 22 (libbpf 1.4,
 * 2026-11). So it gets an empty one there, or the real one when that fails.
 */
static void set_kernel_types(struct bpf_object_open_opts *options, char *path, size_t size)
{
	static int file = -1;

	if (!namespace_is_initial())
		return;
	if (file < 0)
		file = no_types();
	if (file < 0)
		return;
	snprintf(path, size, "/proc/self/fd/%d", file);
	options->btf_custom_path = path;
}

int object_open(struct heaptap_bpf **ret)
{
	LIBBPF_OPTS(bpf_object_open_opts, options);
	struct heaptap_bpf *object;
	struct bpf_program *program;
	struct bpf_map *map;
	char types[32];

	libbpf_set_print(print_note);
	set_kernel_types(&options, types, sizeof(types));
	object = heaptap_bpf__open_opts(&options);
	if (!object)
		return diag_fail(-errno, "cannot open the BPF object");
	bpf_object__for_each_program(program, object->obj)
		bpf_program__set_autoload(program, false);
	bpf_object__for_each_map(map, object->obj)
		bpf_map__set_autocreate(map, bpf_map__is_internal(map));
	object_want_map(object->maps.counters, 0);
	*ret = object;
	return 0;
}

void object_free(struct heaptap_bpf *object)
{
	if (object)
		heaptap_bpf__destroy(object);
}

void object_want_programs(enum attach_way way, const struct attach_programs *programs)
{
	if (way == ATTACH_MULTI) {
		bpf_program__set_expected_attach_type(programs->multi, FEATURE_UPROBE_MULTI);
		bpf_program__set_autoload(programs->multi, true);
		return;
	}
	for (size_t role = 0; role < PROBE_ROLES; role++)
		if (programs->of_role[role])
			bpf_program__set_autoload(programs->of_role[role], true);
}

void object_want_map(struct bpf_map *map, size_t entries)
{
	bpf_map__set_autocreate(map, true);
	if (entries)
		bpf_map__set_max_entries(map, (__u32)entries);
}

static uint64_t hash_mask = UINT64_MAX, check_mask = UINT64_MAX;

void stack_masks_force(uint64_t hash, uint64_t check)
{
	hash_mask = hash;
	check_mask = check;
}

int object_load(struct heaptap_bpf *object, pid_t pid)
{
	uint32_t level;
	int err = namespace_level(&level);

	if (err < 0)
		return err;
	object->rodata->target_pid = (__u32)pid;
	object->rodata->target_level = level;
	object->rodata->stack_hash_mask = hash_mask;
	object->rodata->stack_check_mask = check_mask;
	err = heaptap_bpf__load(object);
	if (err < 0)
		return diag_fail(err, "cannot load the BPF programs (-v says more)");
	return 0;
}
