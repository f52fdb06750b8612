/* Reading another process. An interface, so that tests and fuzz targets can stand in for one. */
#ifndef TARGET_MEMORY_H
#define TARGET_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory_piece {
	uint64_t address;
	void *buffer;
	size_t length;
};

struct memory {
	/* 0 when every piece was read whole, else -EFAULT, -ESRCH or -EPERM, and then nothing is
	 * promised about the buffers. The pieces are not read at one moment. Silent. */
	int (*read)(void *context, const struct memory_piece *pieces, size_t count);
	void *context;
	uint64_t failures; /* reads that failed, for LOSS_TARGET_UNREADABLE */
};

/* All of these count a failure in `failures` and leave *ret untouched then. */
int memory_read(struct memory *memory, uint64_t address, void *buffer, size_t length);
/* Many at once: one system call per 1024 pieces. */
int memory_read_pieces(struct memory *memory, const struct memory_piece *pieces, size_t count);
int memory_read_u64(struct memory *memory, uint64_t address, uint64_t *ret);
int memory_read_u32(struct memory *memory, uint64_t address, uint32_t *ret);

/* A memory over process_vm_readv(2). That the pid still is the same process is the caller's to
 * check (process_state). */
void memory_of_process(pid_t pid, struct memory *ret);

/* Writes one value, where the process itself may write; only --set-sampling-rate does this.
 * 0, -EFAULT, -ESRCH or -EPERM. Silent. */
int memory_write_u64(pid_t pid, uint64_t address, uint64_t value);

#endif
