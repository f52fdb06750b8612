/* Mappings out of the text of /proc/PID/smaps, and what their names say. */
#include "harness/test.h"
#include "target/mapping_class.h"
#include "target/smaps.h"

/* As Linux 6.18 writes it, shortened. */
static const char *const text[] = {
	"00400000-004f6000 r-xp 00000000 fe:00 10953288                           /srv/shop",
	"Size:                984 kB",
	"KernelPageSize:        4 kB",
	"Rss:                 900 kB",
	"Pss:                 900 kB",
	"Swap:                  0 kB",
	"THPeligible:           0",
	"VmFlags: rd ex mr mw me sd",
	"c000000000-c000600000 rw-p 00000000 00:00 0                              [anon: Go: heap]",
	"Rss:                4896 kB",
	"Swap:                128 kB",
	"SwapPss:             100 kB",
	"7f9c5a600000-7f9c5aa00000 rw-p 00000000 00:00 0 ",
	"Rss:                   4 kB",
};

static void add_all(struct smaps *smaps, const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		smaps_add_line(smaps, lines[i]);
}

TEST("mappings of smaps have their range, access, file, resident and swapped bytes, and name")
{
	struct smaps smaps = { 0 };

	add_all(&smaps, text, sizeof(text) / sizeof(text[0]));
	CHECK_INT(smaps.count, 3);
	CHECK_INT(smaps.items[0].start, 0x400000);
	CHECK_INT(smaps.items[0].end, 0x4f6000);
	CHECK_INT(smaps.items[0].inode, 10953288);
	CHECK(smaps.items[0].readable && !smaps.items[0].writable && smaps.items[0].executable);
	CHECK(!smaps.items[0].shared);
	CHECK_INT(smaps.items[0].rss_bytes, 900 << 10);
	CHECK_STRING(smaps.items[0].name, "/srv/shop");
	CHECK_INT(smaps.items[1].rss_bytes, 4896 << 10);
	CHECK_INT(smaps.items[1].swap_bytes, 128 << 10);
	CHECK_STRING(smaps.items[1].name, "[anon: Go: heap]");
	CHECK_INT(smaps.items[2].rss_bytes, 4096);
	CHECK_STRING(smaps.items[2].name, "");
	CHECK_INT(smaps.left_out, 0);
	smaps_clear(&smaps);
}

TEST("numbers without a mapping, beyond its size or without sense are survived")
{
	static const char *const lines[] = {
		"Rss: 4 kB",
		"1000-3000 rw-p 00000000 00:00 0",
		"Rss: 99999999999999999999999 kB",
		"Swap: 5000 kB",
		"Rss:",
		"9000-8000 rw-p 00000000 00:00 0 [backwards]",
		"zzzz",
		"",
	};
	struct smaps smaps = { 0 };

	add_all(&smaps, lines, sizeof(lines) / sizeof(lines[0]));
	CHECK_INT(smaps.count, 1);
	CHECK_INT(smaps.items[0].rss_bytes, 0x2000);
	CHECK_INT(smaps.items[0].swap_bytes, 0x2000);
	smaps_clear(&smaps);
}

/* The kernel reads on from the end of the last mapping it gave, which can have moved. */
TEST("a mapping that comes twice is counted once")
{
	static const char *const lines[] = {
		"1000-3000 rw-p 00000000 00:00 0 ", "Rss: 8 kB",
		"2000-5000 rw-p 00000000 00:00 0 ", "Rss: 12 kB",
		"2000-4000 rw-p 00000000 00:00 0 ", "Rss: 8 kB",
	};
	struct smaps smaps = { 0 };

	add_all(&smaps, lines, sizeof(lines) / sizeof(lines[0]));
	CHECK_INT(smaps.count, 3);
	CHECK_INT(smaps.items[0].rss_bytes, 0x2000);
	CHECK_INT(smaps.items[1].start, 0x3000);
	CHECK_INT(smaps.items[1].rss_bytes, 0x2000);
	CHECK_INT(smaps.items[2].rss_bytes, 0);
	smaps_clear(&smaps);
}

static enum rss_class class_of(const char *line)
{
	struct smaps smaps = { 0 };
	enum rss_class class;

	smaps_add_line(&smaps, line);
	CHECK_INT(smaps.count, 1);
	class = mapping_class(&smaps.items[0]);
	smaps_clear(&smaps);
	return class;
}

TEST("the name of a mapping says what it is")
{
	static const struct {
		const char *line;
		enum rss_class class;
	} cases[] = {
		{ "1000-2000 rw-p 00000000 00:00 0 ", RSS_CLASS_ANONYMOUS },
		{ "1000-2000 rw-p 00000000 00:00 0 [heap]", RSS_CLASS_NATIVE },
		{ "1000-2000 rw-p 00000000 00:00 0 [anon:scudo:primary]", RSS_CLASS_NATIVE },
		{ "1000-2000 rw-p 00000000 00:00 0 [anon: Go: gc bits]", RSS_CLASS_GO },
		{ "1000-2000 rw-p 00000000 00:00 0 [stack]", RSS_CLASS_NATIVE_STACK },
		{ "1000-2000 r-xp 00000000 00:00 0 [vdso]", RSS_CLASS_REMAINDER },
		{ "1000-2000 rw-s 00000000 00:01 7 /dev/zero (deleted)", RSS_CLASS_SHARED },
		{ "1000-2000 rw-s 00000000 00:01 7 /memfd:x (deleted)", RSS_CLASS_SHARED },
		{ "1000-2000 rw-s 00000000 00:01 7 /SYSV00000000", RSS_CLASS_SHARED },
		{ "1000-2000 rw-s 00000000 00:01 7 /dev/shm/queue", RSS_CLASS_SHARED },
		{ "1000-2000 r-xp 00000000 fe:00 7 /opt/plugin", RSS_CLASS_LIBRARY },
		{ "1000-2000 r--p 00000000 fe:00 7 /lib/libc.so.6", RSS_CLASS_LIBRARY },
		{ "1000-2000 rw-s 00000000 fe:00 7 /data/index.db", RSS_CLASS_FILE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(class_of(cases[i].line), cases[i].class);
}

static bool is_stack(const char *guard, const char *line)
{
	struct smaps smaps = { 0 };
	bool stack;

	smaps_add_line(&smaps, guard);
	smaps_add_line(&smaps, line);
	stack = mapping_is_stack(&smaps.items[0], &smaps.items[1]);
	smaps_clear(&smaps);
	return stack;
}

TEST("a stack of a thread lies on a guard, a heap of malloc does not")
{
	static const char stack[] = "7f0000001000-7f0000801000 rw-p 00000000 00:00 0 ";
	static const char heap[] = "7f0004000000-7f0004100000 rw-p 00000000 00:00 0 ";

	CHECK(is_stack("7f0000000000-7f0000001000 ---p 00000000 00:00 0 ", stack));
	CHECK(!is_stack("7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ", stack));
	CHECK(!is_stack("7e0000000000-7f0000001000 ---p 00000000 00:00 0 ", stack));
	CHECK(!is_stack("7eff00000000-7eff00001000 ---p 00000000 00:00 0 ", stack));
	CHECK(!is_stack("7f0003fff000-7f0004000000 ---p 00000000 00:00 0 ", heap));
}
