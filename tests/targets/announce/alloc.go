package main

import (
	"runtime"
	"unsafe"
)

type keptObject struct {
	object unsafe.Pointer
	seed   uint32
	kind   uint32
}

// What is kept lives in a global array, so that keeping is no allocation.
var (
	kept      [1 << 17]keptObject
	keptCount int
	nextSeed  uint32
	before    runtime.MemStats
	after     runtime.MemStats
)

//go:noinline
func allocate(k *kind, index uint32, count, keep int) {
	for i := 0; i < count; i++ {
		nextSeed++
		object := k.make(uint64(nextSeed))
		if i < keep && keptCount < len(kept) {
			kept[keptCount] = keptObject{object, nextSeed, index}
			keptCount++
		}
	}
}

// allocCommand measures what it made with the runtime's own counters: slots and their rounding
// differ between Go versions, and the test compares with the truth of this one.
func allocCommand(args []string) {
	if len(args) < 3 {
		replyError("alloc TYPE COUNT KEEP")
		return
	}
	k := findKind(args[0])
	if k == nil {
		replyError("no such kind")
		return
	}
	index := (uintptr(unsafe.Pointer(k)) - uintptr(unsafe.Pointer(&kinds[0]))) / unsafe.Sizeof(kinds[0])
	count, keep := number(args, 1), number(args, 2)
	runtime.ReadMemStats(&before)
	allocate(k, uint32(index), count, keep)
	runtime.ReadMemStats(&after)
	begin().boolean("ok", true).text("kind", k.name).text("function", k.function).text("type", k.typeName).
		integer("count", uint64(count)).integer("kept", uint64(keep)).
		integer("bytes", after.TotalAlloc-before.TotalAlloc).
		integer("objects", after.Mallocs-before.Mallocs).send()
}

func freeCommand(args []string) {
	for i := 0; i < keptCount; i++ {
		kept[i] = keptObject{}
	}
	keptCount = 0
	begin().boolean("ok", true).send()
}

func kindsCommand(args []string) {
	r := begin().boolean("ok", true).open("kinds", '[')
	for i := range kinds {
		k := &kinds[i]
		r.open("", '{').text("kind", k.name).text("function", k.function).text("type", k.typeName).close('}')
	}
	r.close(']').send()
}

func checkCommand(args []string) {
	wrong := 0
	for i := 0; i < keptCount; i++ {
		if !kinds[kept[i].kind].verify(kept[i].object, uint64(kept[i].seed)) {
			wrong++
		}
	}
	damage := churnDamage()
	begin().boolean("ok", wrong == 0 && damage == 0).integer("checked", uint64(keptCount)).
		integer("wrong", uint64(wrong)).integer("churn_damage", damage).send()
}
