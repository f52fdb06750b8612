package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

var newCalls, innerCalls, sharedCalls uint64

// Escapes through the pool; over 64 KiB would not matter, as nothing is kept.
type buffer [64]byte

var (
	bufferPool = sync.Pool{New: newBuffer}
	barePool   sync.Pool
	innerPool  = sync.Pool{New: newInner}
	outerPool  = sync.Pool{New: newOuter}
	// Two pools that have the same New function, each with a closure of its own.
	sharedPools = [2]*sync.Pool{newPool(0), newPool(1)}
	theMap      sync.Map
)

func newBuffer() interface{} {
	atomic.AddUint64(&newCalls, 1)
	return new(buffer)
}

//go:noinline
func newInner() interface{} {
	atomic.AddUint64(&innerCalls, 1)
	return new(buffer)
}

func newOuter() interface{} {
	b := innerPool.Get() // never put back: a miss each time
	return &b
}

//go:noinline
func newPool(index uint64) *sync.Pool {
	return &sync.Pool{New: func() interface{} {
		atomic.AddUint64(&sharedCalls, index)
		return new(buffer)
	}}
}

// The first Get may miss. A garbage collection may empty the pool between two Gets: New says so.
func hits(count int) string {
	before := atomic.LoadUint64(&newCalls)
	for i := 0; i < count; i++ {
		bufferPool.Put(bufferPool.Get())
	}
	return fmt.Sprintf("\"gets\": %d, \"puts\": %d, \"misses\": %d", count, count,
		atomic.LoadUint64(&newCalls)-before)
}

// Two collections empty a pool and its victim cache. What Get gives is not put back either.
func misses(count int) string {
	before := atomic.LoadUint64(&newCalls)
	runtime.GC()
	runtime.GC()
	for i := 0; i < count; i++ {
		bufferPool.Get()
	}
	return fmt.Sprintf("\"gets\": %d, \"misses\": %d", count, atomic.LoadUint64(&newCalls)-before)
}

func bare(count int) string {
	nils := 0
	for i := 0; i < count; i++ {
		if barePool.Get() == nil {
			nils++
		}
	}
	return fmt.Sprintf("\"gets\": %d, \"nils\": %d", count, nils)
}

func makes(count int) string {
	for i := 0; i < count; i++ {
		newInner()
	}
	return ""
}

// Each outer Get misses, and its New misses in the inner pool; the shared New misses in its second
// pool twice as often as in its first.
func nested(count int) string {
	before := atomic.LoadUint64(&innerCalls)
	for i := 0; i < count; i++ {
		outerPool.Get()
		sharedPools[0].Get()
		sharedPools[1].Get()
		sharedPools[1].Get()
	}
	return fmt.Sprintf("\"outer\": %d, \"inner\": %d, \"first\": %d, \"second\": %d", count,
		atomic.LoadUint64(&innerCalls)-before, count, 2*count)
}

func loadMap(count int) string {
	for i := 0; i < count; i++ {
		theMap.Load(i & 63)
	}
	return fmt.Sprintf("\"loads\": %d", count)
}

func storeMap(count int) string {
	for i := 0; i < count; i++ {
		theMap.Store(i&63, i)
	}
	return fmt.Sprintf("\"stores\": %d", count)
}

func otherMap(count int) string {
	for i := 0; i < count; i++ {
		theMap.LoadOrStore(1000+i, i)
		theMap.LoadAndDelete(1000 + i)
	}
	return fmt.Sprintf("\"others\": %d", 2*count)
}
