/* Whatever is refused is refused without a word: a fuzz target includes this once. */
#ifndef TESTS_FUZZ_QUIET_H
#define TESTS_FUZZ_QUIET_H

#include "base/diag.h"

static inline void say_nothing(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	diag_set_sink(say_nothing, NULL);
	return 0;
}

#endif
