/* Copies of another process's memory through process_vm_readv(2): needs ptrace rights only, where
 * /proc/PID/mem also asks for the file mode of the owner. */
#include "target/memory.h"

#include <errno.h>
#include <sys/uio.h>

#define PIECES_PER_CALL 1024 /* UIO_MAXIOV of the kernel */

static int read_batch(pid_t pid, const struct memory_piece *pieces, size_t count)
{
	struct iovec local[PIECES_PER_CALL], remote[PIECES_PER_CALL];
	size_t wanted = 0;
	ssize_t got;

	for (size_t i = 0; i < count; i++) {
		local[i] = (struct iovec){ pieces[i].buffer, pieces[i].length };
		remote[i] =
			(struct iovec){ (void *)(uintptr_t)pieces[i].address, pieces[i].length };
		wanted += pieces[i].length;
	}
	got = process_vm_readv(pid, local, count, remote, count, 0);
	if (got < 0)
		return -errno;
	/* the kernel stops silently at the first page that is not there */
	return (size_t)got == wanted ? 0 : -EFAULT;
}

static int read_process(void *context, const struct memory_piece *pieces, size_t count)
{
	pid_t pid = (pid_t)(intptr_t)context;

	while (count > 0) {
		size_t batch = count < PIECES_PER_CALL ? count : PIECES_PER_CALL;
		int error = read_batch(pid, pieces, batch);

		if (error < 0)
			return error;
		pieces += batch;
		count -= batch;
	}
	return 0;
}

void memory_of_process(pid_t pid, struct memory *ret)
{
	*ret = (struct memory){ .read = read_process, .context = (void *)(intptr_t)pid };
}

int memory_read_pieces(struct memory *memory, const struct memory_piece *pieces, size_t count)
{
	int error = memory->read(memory->context, pieces, count);

	if (error < 0)
		memory->failures++;
	return error;
}

int memory_read(struct memory *memory, uint64_t address, void *buffer, size_t length)
{
	struct memory_piece piece = { address, buffer, length };

	return memory_read_pieces(memory, &piece, 1);
}

int memory_read_u64(struct memory *memory, uint64_t address, uint64_t *ret)
{
	uint64_t value;
	int error = memory_read(memory, address, &value, sizeof(value));

	if (error == 0)
		*ret = value;
	return error;
}

int memory_read_u32(struct memory *memory, uint64_t address, uint32_t *ret)
{
	uint32_t value;
	int error = memory_read(memory, address, &value, sizeof(value));

	if (error == 0)
		*ret = value;
	return error;
}

int memory_write_u64(pid_t pid, uint64_t address, uint64_t value)
{
	struct iovec local = { &value, sizeof(value) };
	struct iovec remote = { (void *)(uintptr_t)address, sizeof(value) };
	ssize_t put = process_vm_writev(pid, &local, 1, &remote, 1, 0);

	if (put < 0)
		return -errno;
	return put == (ssize_t)sizeof(value) ? 0 : -EFAULT;
}
