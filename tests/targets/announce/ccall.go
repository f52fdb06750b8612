//go:build ccall

package main

/*
#include <stdlib.h>
#include <string.h>

extern void called_from_c(unsigned long long seed);

static void call_back(unsigned long long first, int count)
{
	for (int i = 0; i < count; i++)
		called_from_c(first + (unsigned long long)i);
}

static int leak(int count, size_t bytes)
{
	for (int i = 0; i < count; i++) {
		char *memory = malloc(bytes);

		if (!memory)
			return 0;
		memset(memory, i + 1, bytes);
	}
	return 1;
}
*/
import "C"

const cgoLinked = true

type messenger struct{ stamp [9]uint64 }

var lastMessenger *messenger

//export called_from_c
func called_from_c(seed C.ulonglong) {
	lastMessenger = makeMessenger(uint64(seed))
}

//go:noinline
func makeMessenger(seed uint64) *messenger {
	m := new(messenger)
	fill(m.stamp[:], seed)
	return m
}

func ccallCommand(args []string) {
	count := number(args, 0)
	C.call_back(1, C.int(count))
	begin().boolean("ok", count == 0 || filled(lastMessenger.stamp[:], uint64(count))).
		text("function", "main.makeMessenger").text("type", "main.messenger").
		integer("count", uint64(count)).send()
}

func cmallocCommand(args []string) {
	count, bytes := number(args, 0), number(args, 1)
	ok := C.leak(C.int(count), C.size_t(bytes)) == 1
	begin().boolean("ok", ok).integer("bytes", uint64(count)*uint64(bytes)).send()
}
