/* One pass over the caller from its entry up to the call; register_trace.c does the following. */
#include "target/argument.h"

#include <errno.h>

#include "base/cleanup.h"
#include "target/register_trace.h"

struct search {
	struct register_trace trace;
	uint64_t return_address, call;
	bool found; /* the call, at `call` */
};

static bool visit(void *context, const struct instruction *instruction)
{
	struct search *search = context;
	uint64_t end = instruction->address + instruction->length;

	if (end >= search->return_address) {
		search->call = instruction->address;
		search->found =
			end == search->return_address && (instruction->operation == OP_CALL ||
							  instruction->operation == OP_CALL_OTHER);
		return false;
	}
	register_trace_follow(&search->trace, instruction);
	return true;
}

int argument_of_call(struct disassembler *disassembler, struct span text, uint64_t entry,
		     uint64_t return_address, enum machine_register which, struct argument *ret)
{
	struct search search = { .return_address = return_address };
	int error = register_trace_begin(&search.trace, entry, text.length);

	if (error < 0)
		return error;
	disassemble(disassembler, text, entry, visit, &search);
	if (search.found)
		*ret = register_trace_value(&search.trace, which, search.call);
	register_trace_clear(&search.trace);
	return search.found ? 0 : -ENOENT;
}
