package main

import (
	"runtime"
	"runtime/debug"
	"sync"
	"unsafe"
)

// Where memory can be besides objects in use: each command ends in a state that the reply describes,
// and the program is quiet then.

// thinCommand allocates COUNT objects and keeps one in EVERY: spans with hardly anything in them.
func thinCommand(args []string) {
	if len(args) < 3 || findKind(args[0]) == nil || number(args, 2) < 1 {
		replyError("thin TYPE COUNT EVERY")
		return
	}
	k, count, every := findKind(args[0]), number(args, 1), number(args, 2)
	all := make([]unsafe.Pointer, count)
	for i := range all {
		all[i] = k.make(uint64(i))
	}
	runtime.ReadMemStats(&before)
	thinned = nil
	for i := 0; i < count; i += every {
		thinned = append(thinned, all[i])
	}
	for i := range all {
		all[i] = nil
	}
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	begin().boolean("ok", true).integer("kept", uint64(len(thinned))).
		integer("freed", before.HeapAlloc-after.HeapAlloc).send()
}

var thinned []unsafe.Pointer

// ballastCommand allocates MIB of memory that is never written to, or forgets it: ballast 0.
func ballastCommand(args []string) {
	ballast = nil
	if mib := number(args, 0); mib > 0 {
		ballast = make([]byte, mib<<20)
	}
	begin().boolean("ok", true).integer("bytes", uint64(len(ballast))).send()
}

var ballast []byte

// deepCommand starts goroutines that wait in the depth of their stacks, for good.
func deepCommand(args []string) {
	depth, goroutines := number(args, 0), number(args, 1)
	var there sync.WaitGroup
	there.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go dig(depth, &there)
	}
	there.Wait()
	begin().boolean("ok", true).integer("bytes", uint64(depth)*uint64(goroutines)*8*64).send()
}

// dig writes to at least 512 bytes of stack per call.
//
//go:noinline
func dig(depth int, there *sync.WaitGroup) uint64 {
	var frame [64]uint64
	for i := range frame {
		frame[i] = uint64(depth)
	}
	if depth > 1 {
		return dig(depth-1, there) + frame[depth%len(frame)]
	}
	there.Done()
	select {}
}

// releaseCommand returns all free memory to the system.
func releaseCommand(args []string) {
	debug.FreeOSMemory()
	begin().boolean("ok", true).send()
}
