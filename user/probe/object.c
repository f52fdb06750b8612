/*
 * Opening and loading the skeleton. A program is loaded for one way of attaching and is refused for
 * the other, so the way is settled before (attach.h).
 */
#include "probe/object.h"

#include <bpf/libbpf.h>
#include "bpf/heaptap.skel.h"

#include "base/cleanup.h"
#include "base/diag.h"
#include "probe/features.h"
#include "probe/namespace.h"

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

int object_open(struct heaptap_bpf **ret)
{
	struct heaptap_bpf *object;
	struct bpf_program *program;
	struct bpf_map *map;

	libbpf_set_print(print_note);
	object = heaptap_bpf__open();
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

int object_load(struct heaptap_bpf *object, pid_t pid)
{
	uint32_t level;
	int err = namespace_level(&level);

	if (err < 0)
		return err;
	object->rodata->target_pid = (__u32)pid;
	object->rodata->target_level = level;
	err = heaptap_bpf__load(object);
	if (err < 0)
		return diag_fail(err, "cannot load the BPF programs (-v says more)");
	return 0;
}
