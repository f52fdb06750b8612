/* Bytes that claim to be a heap profile: every record that is read has a stack whose frames have
 * names, and its differences with itself are nothing. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/diag.h"
#include "export/pprof_read.h"
#include "judge/functions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void silent(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	assert(text[0]);
}

static void compare_with_itself(const struct snapshot *snapshot, enum value value)
{
	struct function_table table = { 0 };

	if (functions_compare(snapshot, snapshot, value, &table) < 0)
		return;
	for (size_t i = 0; i < table.count; i++)
		assert(table.rows[i].flat_delta == 0 && table.rows[i].change == CHANGE_SAME);
	functions_clear(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile_file *file;
	const struct snapshot *snapshot;

	diag_set_sink(silent, NULL);
	if (profile_file_parse(data, size, "input", &file) < 0)
		return 0;
	snapshot = profile_file_snapshot(file);
	for (size_t i = 0; i < snapshot->record_count; i++)
		for (uint32_t at = 0; at < snapshot->records[i].stack->count; at++)
			assert(snapshot->records[i].stack->frames[at].function[0]);
	for (int value = 0; value < VALUE_COUNT; value++)
		if (profile_file_has(file, (enum value)value))
			compare_with_itself(snapshot, (enum value)value);
	profile_file_close(file);
	return 0;
}
