/* Memory of one export that is freed as a whole: messages point at each other freely. */
#ifndef EXPORT_POOL_H
#define EXPORT_POOL_H

#include <stddef.h>

struct pool_block;
struct pool {
	struct pool_block *blocks;
};

/* `bytes` zeroed bytes, aligned for anything; NULL without memory. */
void *pool_alloc(struct pool *pool, size_t bytes);
void pool_clear(struct pool *pool);

#endif
