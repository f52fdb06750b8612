/* Reading another process. An interface, so that tests and fuzz targets can stand in for one. */
#ifndef TARGET_MEMORY_H
#define TARGET_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct memory_piece {
	uint64_t address;
	void *buffer;
	size_t length;
};

struct memory {
	/* All pieces or nothing is promised: 0, or -EFAULT/-ESRCH/-EPERM when any piece could not
	 * be read whole. Silent. */
	int (*read)(void *context, const struct memory_piece *pieces, size_t count);
	void *context;
	uint64_t failures; /* reads that failed, for LOSS_TARGET_UNREADABLE */
};

/* One piece; counts failures. */
int memory_read(struct memory *memory, uint64_t address, void *buffer, size_t length);
/* Many at once: one system call per 1024 pieces. */
int memory_read_pieces(struct memory *memory, const struct memory_piece *pieces, size_t count);
int memory_read_u64(struct memory *memory, uint64_t address, uint64_t *ret);
int memory_read_u32(struct memory *memory, uint64_t address, uint32_t *ret);

/* A memory over process_vm_readv(2); the pid is checked by the caller's pidfd. */
void memory_of_process(int pid, struct memory *ret);

/* Writes one value with /proc/PID/mem; only --set-sampling-rate does this. Silent. */
int memory_write_u64(int pid, uint64_t address, uint64_t value);

#endif
