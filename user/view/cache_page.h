/* What the caches do, as lines: of the screen and of the printed text. */
#ifndef VIEW_CACHE_PAGE_H
#define VIEW_CACHE_PAGE_H

#include "model/snapshot.h"
#include "view/page.h"

/* Replaces the page. Rows are those with most calls in the interval first. */
void cache_page(const struct snapshot *snapshot, struct page *page);

#endif
