/*
 * Owned locals free themselves: declare with CLEANUP(fn) and an initialiser, move out with TAKE.
 * Every `fn` takes a pointer to the variable and accepts the empty value (NULL, -1).
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* The pointer's value; the variable is NULL afterwards, so its cleanup does nothing. */
#define TAKE(pointer)                                                                              \
	({                                                                                         \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

/* The descriptor; the variable is -1 afterwards. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

/* Defines name_cleanup(type **) over a free function that accepts NULL. */
#define DEFINE_CLEANUP(name, type, free_function)                                                  \
	static inline void name(type **pointer)                                                    \
	{                                                                                          \
		free_function(*pointer);                                                           \
	}

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define AUTO_FREE   CLEANUP(cleanup_free)
#define AUTO_CLOSE  CLEANUP(cleanup_close)
#define AUTO_FCLOSE CLEANUP(cleanup_fclose)

#endif
