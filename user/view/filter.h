/* The filter of rows, with its reason when the expression is bad (the live screen shows that
 * itself). */
#ifndef VIEW_FILTER_H
#define VIEW_FILTER_H

#include "view/view.h"

/* As view_filter_new, but silent: -EINVAL with the reason in `why`, or -ENOMEM. */
int filter_compile(const char *expression, struct view_filter **ret, char *why, size_t why_size);

static inline void filter_cleanup(struct view_filter **filter)
{
	view_filter_free(*filter);
}
#define AUTO_FILTER CLEANUP(filter_cleanup)

#endif
