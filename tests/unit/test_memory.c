/* Reads and writes of a process's memory: our own, which needs no rights. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/test.h"
#include "target/memory.h"

static struct memory own_memory(void)
{
	struct memory memory;

	memory_of_process(getpid(), &memory);
	return memory;
}

TEST("bytes of a process are read as they are there")
{
	struct memory memory = own_memory();
	const char text[] = "what the process holds";
	uint64_t wide = 0x1122334455667788, got_wide = 0;
	uint32_t got = 0;
	char copy[sizeof(text)];

	CHECK_INT(memory_read(&memory, (uintptr_t)text, copy, sizeof(copy)), 0);
	CHECK_STRING(copy, text);
	CHECK_INT(memory_read_u64(&memory, (uintptr_t)&wide, &got_wide), 0);
	CHECK(got_wide == wide);
	CHECK_INT(memory_read_u32(&memory, (uintptr_t)&wide, &got), 0);
	CHECK_INT(got, 0x55667788);
	CHECK_INT(memory.failures, 0);
}

/* More pieces than one system call takes, each from another place. */
#define PIECES 5000
TEST("thousands of pieces are each read from their own place")
{
	struct memory memory = own_memory();
	struct memory_piece *pieces = calloc(PIECES, sizeof(*pieces));
	uint32_t *from = calloc(PIECES, sizeof(*from)), *to = calloc(PIECES, sizeof(*to));
	int wrong = 0, error;

	for (uint32_t i = 0; i < PIECES; i++) {
		from[i] = i * 2654435761U;
		pieces[i] = (struct memory_piece){ (uintptr_t)&from[PIECES - 1 - i], &to[i],
						   sizeof(to[i]) };
	}
	error = memory_read_pieces(&memory, pieces, PIECES);
	for (uint32_t i = 0; i < PIECES; i++)
		wrong += to[i] != from[PIECES - 1 - i];
	free(pieces);
	free(from);
	free(to);
	CHECK_INT(error, 0);
	CHECK_INT(wrong, 0);
}

TEST("a piece that is only partly there fails, is counted, and leaves the result alone")
{
	struct memory memory = own_memory();
	long page = sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t value = 7;

	CHECK(two != MAP_FAILED);
	munmap(two + page, (size_t)page);
	CHECK_INT(memory_read_u64(&memory, (uintptr_t)two + (uint64_t)page - 8, &value), 0);
	CHECK_INT(value, 0);
	value = 7;
	CHECK_INT(memory_read_u64(&memory, (uintptr_t)two + (uint64_t)page - 4, &value), -EFAULT);
	CHECK_INT(memory_read_u64(&memory, 0, &value), -EFAULT);
	CHECK_INT(value, 7);
	CHECK_INT(memory.failures, 2);
	munmap(two, (size_t)page);
}

TEST("the first missing piece of many fails the whole read")
{
	struct memory memory = own_memory();
	uint32_t from = 1, to[2] = { 0 };
	struct memory_piece pieces[] = { { (uintptr_t)&from, &to[0], 4 }, { 8, &to[1], 4 } };

	CHECK_INT(memory_read_pieces(&memory, pieces, 2), -EFAULT);
	CHECK_INT(memory.failures, 1);
}

TEST("a process that has ended cannot be read")
{
	pid_t pid = fork();
	struct memory memory;
	uint64_t value;

	if (pid == 0)
		_exit(0);
	CHECK(pid > 0);
	waitpid(pid, NULL, 0);
	memory_of_process(pid, &memory);
	CHECK_INT(memory_read_u64(&memory, (uintptr_t)&value, &value), -ESRCH);
	CHECK_INT(memory_write_u64(pid, (uintptr_t)&value, 1), -ESRCH);
}

TEST("a value is written where the process may write, and nowhere else")
{
	static volatile uint64_t variable = 1;
	static const uint64_t constant = 3;

	CHECK_INT(memory_write_u64(getpid(), (uintptr_t)&variable, 0x0102030405060708), 0);
	CHECK(variable == 0x0102030405060708);
	CHECK_INT(memory_write_u64(getpid(), (uintptr_t)&constant, 4), -EFAULT);
	CHECK(*(const volatile uint64_t *)&constant == 3);
}
