/* Who calls the code of a row: its stacks merged into a tree, from the allocation up to main. */
#ifndef VIEW_CALLERS_H
#define VIEW_CALLERS_H

#include "model/table.h"
#include "view/page.h"

/* Appends the tree, heaviest first; callers with less than `least_share` of the row are summed up.
 */
void callers_write(const struct row *row, enum value value, double least_share, struct page *page);

#endif
