/* The globs of --cache over names as Go's linker writes them. */
#include "harness/test.h"

#include <string.h>

#include "model/glob.h"

TEST("a glob's brackets, dots and receivers are themselves")
{
	CHECK(glob_matches("main.(*GenericCache[...]).Load", "main.(*GenericCache[...]).Load"));
	CHECK(glob_matches("main.(*GenericCache*",
			   "main.(*GenericCache[go.shape.string,go.shape.int]).Load"));
	CHECK(!glob_matches("main.(*GenericCache[", "main.(*GenericCache[...]).Load"));
	CHECK(!glob_matches("main.[G]et", "main.Get"));
	CHECK(glob_matches("main.[G]et", "main.[G]et"));
	CHECK(!glob_matches("main.Get", "mainxGet"));
}

TEST("a star is any text, none too, and a question mark one character")
{
	CHECK(glob_matches("*", "") && glob_matches("**", "a"));
	CHECK(glob_matches("main.*.Get", "main.(*T).Get") && glob_matches("main.Get*", "main.Get"));
	CHECK(glob_matches("*.Get", "a.Get.Get") && !glob_matches("*.Get", "a.Get.Put"));
	CHECK(glob_matches("a*b*c", "abbbc") && !glob_matches("a*b*c", "abbb"));
	CHECK(glob_matches("main.?et", "main.Set") && !glob_matches("main.?et", "main.et"));
	CHECK(!glob_matches("", "a") && glob_matches("", ""));
}

TEST("a function is found by the name that is shown as well")
{
	const char *name = "example.com/a/store%2ev2.(*Cache[go.shape.string,example.com/b.T]).Get";

	CHECK(glob_matches_function(name, name));
	CHECK(glob_matches_function("store.v2.(*Cache[string,b.T]).Get", name));
	CHECK(glob_matches_function("*.(*Cache[string*]).Get", name));
	CHECK(!glob_matches_function("store.(*Cache*", name));
}

TEST("the distance of a glob to a name is how much of the name would have to change")
{
	CHECK_INT(glob_distance("main.Get", "main.Get", 9), 0);
	CHECK_INT(glob_distance("main.Gett", "main.Get", 9), 1);
	CHECK_INT(glob_distance("main.Get", "main.Set", 9), 1);
	CHECK_INT(glob_distance("main.(*Cach*", "main.(*Cache[...]).Load", 9), 0);
	CHECK_INT(glob_distance("main.(*Chace*", "main.(*Cache[...]).Load", 9), 2);
	CHECK_INT(glob_distance("kitten", "sitting", 9), 3);
	CHECK_INT(glob_distance("?et", "Get", 9), 0);
	CHECK_INT(glob_distance("", "abc", 9), 3);
	CHECK_INT(glob_distance("abc", "", 9), 3);
}

TEST("a distance beyond the most that is asked for is not told")
{
	char name[GLOB_DISTANCE_BYTES + 2];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	CHECK_INT(glob_distance("aaaa", "bbbb", 2), 3);
	CHECK_INT(glob_distance("aaaa", "bbbb", 4), 4);
	CHECK_INT(glob_distance("x*", name, 5), 6);
}
