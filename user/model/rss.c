/* The parts' names and groups. */
#include "model/rss.h"

#include "model/unknown.h"

const char *rss_part_key(enum rss_part part)
{
#define KEY(symbol, key, group, meaning) key,
	static const char *const keys[RSS_PART_COUNT] = { RSS_PARTS(KEY) };
#undef KEY
	return keys[part];
}

const char *rss_part_meaning(enum rss_part part)
{
#define MEANING(symbol, key, group, meaning) meaning,
	static const char *const meanings[RSS_PART_COUNT] = { RSS_PARTS(MEANING) };
#undef MEANING
	return meanings[part];
}

enum rss_group rss_part_group(enum rss_part part)
{
#define GROUP(symbol, key, group, meaning) RSS_GROUP_##group,
	static const enum rss_group groups[RSS_PART_COUNT] = { RSS_PARTS(GROUP) };
#undef GROUP
	return groups[part];
}

void rss_init(struct rss *rss)
{
	*rss = (struct rss){ UNKNOWN,
			     UNKNOWN,
			     UNKNOWN,
			     UNKNOWN,
			     UNKNOWN,
			     UNKNOWN,
			     .page_tables_bytes = UNKNOWN,
			     .swap_bytes = UNKNOWN };
	for (int i = 0; i < RSS_PART_COUNT; i++)
		rss->parts[i] = UNKNOWN;
}
