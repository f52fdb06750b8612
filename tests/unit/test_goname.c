/* Names of real Go programs (nm and pclntab of 1.19 to 1.27), made readable. */
#include "harness/test.h"
#include "model/goname.h"

static const char *shortened(const char *name, size_t max_args_bytes)
{
	static char out[512];

	goname_short(name, max_args_bytes, out, sizeof(out));
	return out;
}

static const char *package(const char *name)
{
	static char out[512];

	goname_package(name, out, sizeof(out));
	return out;
}

static const char *generic(const char *name, int expected)
{
	static char out[512];

	CHECK_INT(goname_generic(name, out, sizeof(out)), expected);
	return out;
}

TEST("short names keep the package and lose its path, in arguments too")
{
	CHECK_STRING(shortened("runtime.mallocgc", 0), "runtime.mallocgc");
	CHECK_STRING(shortened("main.(*T).M-fm", 0), "main.(*T).M-fm");
	CHECK_STRING(shortened("main.main.func1.2", 0), "main.main.func1.2");
	CHECK_STRING(shortened("example.com/a/b.(*T[go.shape.string,example.com/c.X]).M", 0),
		     "b.(*T[string,c.X]).M");
	CHECK_STRING(shortened("main.(*Cache[go.shape.string,go.shape.*uint8]).Store", 0),
		     "main.(*Cache[string,*uint8]).Store");
	CHECK_STRING(
		shortened("main.F[map[example.com/a.K]example.com/b.V,[]*net/http.Request]", 0),
		"main.F[map[a.K]b.V,[]*http.Request]");
	CHECK_STRING(shortened("main.F[func(net/http.Header) net/url.URL]", 0),
		     "main.F[func(http.Header) url.URL]");
	CHECK_STRING(shortened("main.F[func(...net/url.URL)]", 0), "main.F[func(...url.URL)]");
	CHECK_STRING(shortened("main.F[chan<- net/url.URL]", 0), "main.F[chan<- url.URL]");
	CHECK_STRING(shortened("go.(*struct { sync.Mutex; a/b.X }).Lock", 0),
		     "go.(*struct { sync.Mutex; b.X }).Lock");
}

TEST("short names keep a major version with the element before it")
{
	CHECK_STRING(shortened("github.com/cespare/xxhash/v2.(*Digest).Write", 0),
		     "xxhash/v2.(*Digest).Write");
	CHECK_STRING(shortened("example.com/v2/vault.F", 0), "vault.F");
	CHECK_STRING(shortened("gopkg.in/yaml%2ev3.Unmarshal", 0), "yaml.v3.Unmarshal");
	CHECK_STRING(shortened("v2/v3.F", 0), "v2/v3.F");
}

TEST("short names undo escapes only where there are some")
{
	CHECK_STRING(shortened("example.com/x%2ey/z.F[go.shape.struct { A int; B string }]", 0),
		     "z.F[struct { A int; B string }]");
	CHECK_STRING(shortened("a%zz.F%2", 0), "a%zz.F%2");
	CHECK_STRING(shortened("a%00b.F", 0), "a%00b.F");
}

TEST("short names leave struct tags as they are")
{
	CHECK_STRING(shortened("main.F[go.shape.struct { A a/b.X \"json:\\\"a/b]\\\"\" }]", 0),
		     "main.F[struct { A b.X \"json:\\\"a/b]\\\"\" }]");
	CHECK_STRING(shortened("main.F[struct { A int \"unfinished/a", 0),
		     "main.F[struct { A int \"unfinished/a");
}

TEST("short names of compiler-made functions keep what they are")
{
	CHECK_STRING(shortened("type:.eq.main.K", 0), "type:.eq.main.K");
	CHECK_STRING(shortened("type:.eq.example.com/a/b.K", 0), "type:.eq.b.K");
	CHECK_STRING(shortened("type..hash.[2]example.com/a/b.K", 0), "type..hash.[2]b.K");
}

TEST("long argument lists are cut, short ones and array lengths are not")
{
	const char *cache = "main.(*Cache[go.shape.string,go.shape.*uint8]).Store";

	CHECK_STRING(shortened(cache, 14), "main.(*Cache[string,*uint8]).Store");
	CHECK_STRING(shortened(cache, 12), "main.(*Cache[...]).Store");
	CHECK_STRING(shortened("main.(*Cache[...]).Load", 1), "main.(*Cache[...]).Load");
	CHECK_STRING(shortened("main.F[map[string]int].func1", 5), "main.F[...].func1");
	CHECK_STRING(shortened("map[example.com/a.Key]int", 1), "map[a.Key]int");
	CHECK_STRING(shortened("[1024]uint8", 1), "[1024]uint8");
	CHECK_STRING(shortened("type:.eq.[4]main.K", 0), "type:.eq.[4]main.K");
}

TEST("a name that does not fit is cut and terminated")
{
	char out[8] = "XXXXXXX";

	goname_short("main.(*Cache[int]).Store", 0, out, sizeof(out));
	CHECK_STRING(out, "main.(*");
	goname_package("example.com/a/b.F", out, sizeof(out));
	CHECK_STRING(out, "example");
	goname_generic("main.F[int]", out, sizeof(out));
	CHECK_STRING(out, "main.F[");
	goname_short("main.F", 0, out, 1);
	CHECK_STRING(out, "");
}

TEST("packages are whole import paths")
{
	CHECK_STRING(package("runtime.mallocgc"), "runtime");
	CHECK_STRING(package("main.main.func1.2"), "main");
	CHECK_STRING(package("main.(*T).M-fm"), "main");
	CHECK_STRING(package("internal/sync.(*HashTrieMap[go.shape.interface {},a/b.C]).Swap"),
		     "internal/sync");
	CHECK_STRING(package("example.com/a/b.(*T[go.shape.string,example.com/c.X]).M"),
		     "example.com/a/b");
	CHECK_STRING(package("example.com/x%2ey/z.F[go.shape.struct { A int; B string }]"),
		     "example.com/x.y/z");
	CHECK_STRING(package("gopkg.in/yaml%2ev3.Unmarshal"), "gopkg.in/yaml.v3");
	CHECK_STRING(package("vendor/golang.org/x/net/http2/hpack.NewEncoder"),
		     "vendor/golang.org/x/net/http2/hpack");
	CHECK_STRING(package("main.glob..func1"), "main");
	CHECK_STRING(package("go.(*struct { sync.Mutex; a/b.X }).Lock"), "go");
}

TEST("what the compiler makes for a type belongs to the type's package")
{
	CHECK_STRING(package("type:.eq.main.K"), "main");
	CHECK_STRING(package("type..hash.example.com/a/b.K"), "example.com/a/b");
	CHECK_STRING(package("type:.eq.[2]interface {}"), "type");
}

TEST("functions without a package have none")
{
	CHECK_STRING(package("x_cgo_thread_start"), "");
	CHECK_STRING(package(""), "");
	CHECK_STRING(package("[a.b]"), "");
}

TEST("instantiations of one generic function have one name")
{
	CHECK_STRING(generic("main.(*Cache[go.shape.string,go.shape.*uint8]).Store", 1),
		     "main.(*Cache[...]).Store");
	CHECK_STRING(generic("main.(*Cache[...]).Store", 1), "main.(*Cache[...]).Store");
	CHECK_STRING(generic("example.com/x%2ey/z.F[go.shape.struct { A int; B string }]", 1),
		     "example.com/x.y/z.F[...]");
	CHECK_STRING(generic("main.F[map[string][]a/b.T].func1.2", 1), "main.F[...].func1.2");
	CHECK_STRING(generic("main.F[go.shape.struct { A int \"]\" }].G[int]", 1),
		     "main.F[...].G[...]");
}

TEST("brackets that hold no type arguments do not make a name generic")
{
	CHECK_STRING(generic("main.main", 0), "main.main");
	CHECK_STRING(generic("type:.eq.[2]interface {}", 0), "type:.eq.[2]interface {}");
	CHECK_STRING(generic("type:.eq.struct { F [2]int; M map[string]int }", 0),
		     "type:.eq.struct { F [2]int; M map[string]int }");
}
