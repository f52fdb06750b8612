/* The names of what is registered while the program runs: itabs, and types that reflection makes.
 */
#include <errno.h>
#include <string.h>

#include "base/vec.h"
#include "limits.h"
#include "target/target.h"
#include "target/target_internal.h"
#include "target/type_reader.h"

/* The only caller of reflect.addReflectOff that passes a name (reflect/type.go). It is inlined. */
#define REGISTERS_NAME "reflect.resolveReflectName"

const char *target_descriptor_name(struct target *target, uint64_t type)
{
	return type ? types_name(target->types, type) : NULL;
}

/* What is in the file was not made at run time. */
static bool is_in_file(const struct target *target, uint64_t address)
{
	return elf_image_at(target->image, address - target->bias).length > 0;
}

/* The new name is made a moment before (reflect.newName) and kept for good by the runtime. */
const char *target_made_type(struct target *target, uint64_t address, const struct stack *stack)
{
	struct type_reader reader = { .memory = &target->memory };
	char name[LIMIT_NAME_BYTES];

	if (stack && stack->count && strcmp(stack->frames[0].function, REGISTERS_NAME))
		return NULL;
	if (is_in_file(target, address) ||
	    type_read_name(&reader, address, name, sizeof(name), NULL) < 0 || !*name)
		return NULL;
	return intern_string(target->intern, name);
}

/* An itab in the file is the compiler's; those of the runtime are in memory of its own
 * (persistentalloc). */
static void name_itab(struct target *target, const struct raw_itab *raw, struct itab_entry *ret)
{
	*ret = (struct itab_entry){
		.interface = target_descriptor_name(target, raw->interface),
		.type = target_descriptor_name(target, raw->type),
		.failed = raw->failed,
		.fixed = is_in_file(target, raw->address),
	};
}

static int open_reader(struct target *target)
{
	if (target->itab_reader)
		return 0;
	if (!target->globals.itab_table)
		return -ENOTSUP;
	return itab_reader_new(&target->memory, &target->layout, target->globals.itab_table,
			       &target->itab_reader);
}

int target_itabs(struct target *target, const struct itab_entry **ret, size_t *ret_count,
		 uint64_t *ret_lost)
{
	const struct raw_itab *raw = NULL;
	size_t count = 0, known = target->itabs.count;
	int error = open_reader(target);

	if (error == 0)
		error = itab_reader_poll(target->itab_reader, &raw, &count, ret_lost);
	if (error == 0)
		error = VEC_RESERVE(&target->itabs, count, LIMIT_ITABS);
	if (error < 0)
		return error;
	for (; target->itabs.count < count; target->itabs.count++)
		name_itab(target, &raw[target->itabs.count],
			  &target->itabs.items[target->itabs.count]);
	if (count > known)
		elf_image_release_pages(target->image);
	*ret = target->itabs.items;
	*ret_count = count;
	return 0;
}
