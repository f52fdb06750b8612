/*
 * The registry of allocating runtime functions. Sources: the functions that compiled code calls,
 * cmd/compile/internal/typecheck/_builtin/runtime.go, and what they pass on, runtime/malloc.go,
 * slice.go, string.go, iface.go, map*.go, chan.go, internal/runtime/maps, read in Go 1.19 and
 * 1.21-1.27. Arguments travel in AX, BX, CX, DI, SI in this order (ABIInternal).
 */
#include "target/callsite_callees.h"

#include <string.h>

/* A string's or byte slice's memory has no descriptor: mallocgc is called with nil. */
#define STRING "string"
#define BYTES  "[]uint8"
/* mallocgc with a nil descriptor: make+copy of a slice without pointers, and (1.23+) several
 * variables without pointers that the compiler put into one allocation. */
#define NO_TYPE	      "(no type)"
#define NO_TYPE_SLICE "[](no type)"

/* Any type of that size, alignment and without pointers. */
#define BOXED_16    "uint16 (or another 2-byte value)"
#define BOXED_32    "uint32 (or another 4-byte value)"
#define BOXED_64    "uint64 (or another 8-byte value)"
#define BOXED_SLICE "slice header (of some element)"

#define OBJECT_IN(reg)	 .shape = CALLSITE_OBJECT, .descriptor = REG_##reg
#define ELEMENTS_IN(reg) .shape = CALLSITE_ELEMENTS, .descriptor = REG_##reg
#define MAP_IN(reg)	 .shape = CALLSITE_MAP, .descriptor = REG_##reg
#define CHANNEL_IN(reg)	 .shape = CALLSITE_CHANNEL, .descriptor = REG_##reg
#define NAMED(text)	 .shape = CALLSITE_NAMED, .descriptor = REG_NONE, .type_name = text
#define DYNAMIC		 .shape = CALLSITE_UNKNOWN, .descriptor = REG_NONE

static const struct callee callees[] = {
	/* one object */
	{ "runtime.newobject", OBJECT_IN(AX) },
	{ "internal/runtime/maps.newobject", OBJECT_IN(AX) },
	{ "runtime.mallocgc", OBJECT_IN(BX), .type_name = NO_TYPE },
	/* 1.27's size-specialised allocators; they take mallocgc's arguments */
	{ "runtime.mallocgcTinySC*", OBJECT_IN(BX), .type_name = NO_TYPE },
	{ "runtime.mallocgcSmallNoScanSC*", OBJECT_IN(BX), .type_name = NO_TYPE },
	{ "runtime.mallocgcSmallScanNoHeaderSC*", OBJECT_IN(BX), .type_name = NO_TYPE },
	/* GOEXPERIMENT=sizespecializedmalloc of 1.26 */
	{ "runtime.mallocgcTinySize*", OBJECT_IN(BX), .type_name = NO_TYPE },

	/* boxing: convT copies a value of the type in AX; the others get the value alone, and it
	 * may be of any type of that size (cmd/compile/internal/walk/convert.go dataWordFuncName)
	 */
	{ "runtime.convT", OBJECT_IN(AX) },
	{ "runtime.convTnoptr", OBJECT_IN(AX) },
	{ "runtime.convTstring", NAMED(STRING), .object_bytes = 16 },
	{ "runtime.convTslice", NAMED(BOXED_SLICE), .object_bytes = 24 },
	{ "runtime.convT16", NAMED(BOXED_16), .object_bytes = 2 },
	{ "runtime.convT32", NAMED(BOXED_32), .object_bytes = 4 },
	{ "runtime.convT64", NAMED(BOXED_64), .object_bytes = 8 },

	/* slices: the descriptor is the element's */
	{ "runtime.makeslice", ELEMENTS_IN(AX) },
	{ "runtime.makeslice64", ELEMENTS_IN(AX) },
	{ "runtime.makeslicecopy", ELEMENTS_IN(AX) },
	{ "runtime.newarray", ELEMENTS_IN(AX) },
	{ "internal/runtime/maps.newarray", ELEMENTS_IN(AX) },
	{ "runtime.growslice", ELEMENTS_IN(AX), .to_minor = 19 },   /* (et, old, cap) */
	{ "runtime.growslice", ELEMENTS_IN(SI), .from_minor = 20 }, /* (.., num, et) */
	{ "runtime.growsliceNoAlias", ELEMENTS_IN(SI) },
	{ "runtime.growsliceBuf", ELEMENTS_IN(SI) },
	{ "runtime.growsliceBufNoAlias", ELEMENTS_IN(SI) },
	{ "runtime.moveSlice", ELEMENTS_IN(AX) },
	{ "runtime.moveSliceNoCap", ELEMENTS_IN(AX) },
	{ "runtime.moveSliceNoScan", NAMED(NO_TYPE_SLICE) }, /* (elemSize, ..) */
	{ "runtime.moveSliceNoCapNoScan", NAMED(NO_TYPE_SLICE) },

	/* maps and channels: the descriptor is that of the map or channel */
	{ "runtime.makemap", MAP_IN(AX) },
	{ "runtime.makemap64", MAP_IN(AX) },
	{ "runtime.makemap_small", NAMED("map header") }, /* () */
	{ "runtime.mapassign", MAP_IN(AX) },
	{ "runtime.mapassign_fast32", MAP_IN(AX) },
	{ "runtime.mapassign_fast32ptr", MAP_IN(AX) },
	{ "runtime.mapassign_fast64", MAP_IN(AX) },
	{ "runtime.mapassign_fast64ptr", MAP_IN(AX) },
	{ "runtime.mapassign_faststr", MAP_IN(AX) },
	{ "runtime.mapclear", MAP_IN(AX) },
	{ "runtime.makechan", CHANNEL_IN(AX) },
	{ "runtime.makechan64", CHANNEL_IN(AX) },

	/* strings and bytes */
	{ "runtime.concatstring*", NAMED(STRING) }, /* concatstring2..5, concatstrings */
	{ "runtime.slicebytetostring", NAMED(STRING) },
	{ "runtime.slicerunetostring", NAMED(STRING) },
	{ "runtime.intstring", NAMED(STRING) },
	{ "runtime.rawstring", NAMED(STRING) },
	{ "runtime.rawstringtmp", NAMED(STRING) },
	{ "runtime.gostring", NAMED(STRING) },
	{ "runtime.gostringn", NAMED(STRING) },
	{ "runtime.stringtoslicebyte", NAMED(BYTES) },
	{ "runtime.stringtoslicerune", NAMED("[]int32") },
	{ "runtime.concatbyte*", NAMED(BYTES) }, /* concatbyte2..5, concatbytes: 1.25+ */
	{ "runtime.rawbyteslice", NAMED(BYTES) },
	{ "runtime.rawruneslice", NAMED("[]int32") },
	{ "runtime.gobytes", NAMED(BYTES) },
	{ "internal/bytealg.MakeNoZero", NAMED(BYTES) },

	/* goroutines: newproc makes one on the system stack, malg its struct g */
	{ "runtime.newproc", NAMED("goroutine") },
	{ "runtime.newproc1", NAMED("goroutine") },
	{ "runtime.malg", NAMED("goroutine") },

	/* linked into other packages under their names, with a type that only runs know */
	{ "reflect.unsafe_New", DYNAMIC },
	{ "reflect.unsafe_NewArray", DYNAMIC },
	{ "reflect.growslice", DYNAMIC },
	{ "reflect.makemap", DYNAMIC },
	{ "reflect.makechan", DYNAMIC },
	{ "reflect.mapassign0", DYNAMIC },
	{ "reflect.mapassign_faststr0", DYNAMIC },
	{ "reflect.mapassign", DYNAMIC, .to_minor = 19 },
	{ "internal/reflectlite.unsafe_New", DYNAMIC },
	{ "maps.clone", DYNAMIC },
};

static bool name_matches(const char *pattern, const char *function)
{
	size_t length = strlen(pattern);

	if (pattern[length - 1] == '*')
		return !strncmp(pattern, function, length - 1);
	return !strcmp(pattern, function);
}

static bool is_for(const struct callee *callee, int minor)
{
	return (!callee->from_minor || minor >= callee->from_minor) &&
	       (!callee->to_minor || minor <= callee->to_minor);
}

const struct callee *callee_find(const char *function, int go_minor)
{
	for (size_t i = 0; i < sizeof(callees) / sizeof(*callees); i++)
		if (is_for(&callees[i], go_minor) && name_matches(callees[i].name, function))
			return &callees[i];
	return NULL;
}

static bool begins_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

bool callee_is_runtime(const char *function, int go_minor)
{
	return begins_with(function, "runtime.") || begins_with(function, "runtime/internal/") ||
	       begins_with(function, "internal/runtime/") || callee_find(function, go_minor);
}

/* runtime/iface.go: what convT16 and the like pass to mallocgc in place of the value's own type. */
const char *callee_special_type(const char *descriptor_name)
{
	static const char *const names[][2] = {
		{ "runtime.uint16InterfacePtr", BOXED_16 },
		{ "runtime.uint32InterfacePtr", BOXED_32 },
		{ "runtime.uint64InterfacePtr", BOXED_64 },
		{ "runtime.stringInterfacePtr", STRING },
		{ "runtime.sliceInterfacePtr", BOXED_SLICE },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(descriptor_name, names[i][0]))
			return names[i][1];
	return NULL;
}
