package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

type entry struct{ words [12]uint64 } // 96 bytes, a size class

type GenericCache[K comparable, V any] struct {
	keys   [16]K
	values [16]V
	kept   [16]*entry
	size   int
}

//go:noinline
func (c *GenericCache[K, V]) Load(key K) (value V, ok bool) {
	for i := range c.keys {
		if c.keys[i] == key {
			return c.values[i], true
		}
	}
	return value, false
}

//go:noinline
func (c *GenericCache[K, V]) Store(key K, value V) {
	at := c.size % len(c.keys)
	c.keys[at], c.values[at] = key, value
	c.kept[at] = newEntry(uint64(c.size))
	c.size++
}

//go:noinline
func newEntry(seed uint64) *entry {
	e := new(entry)
	e.words[0] = seed
	return e
}

// Small enough to be inlined wherever it is called.
func (c *GenericCache[K, V]) Peek(at int) V { return c.values[at] }

// A leaf that the compiler gives no stack check.
//
//go:nosplit
//go:noinline
func sizeOf(c *GenericCache[string, *entry]) int { return c.size }

var (
	textCache   GenericCache[string, *entry]
	numberCache GenericCache[int, [3]int]
	sink        int
)

func loads(count int) string {
	for i := 0; i < count; i++ {
		textCache.Load("key")
		numberCache.Load(i)
		numberCache.Load(-i)
	}
	return fmt.Sprintf("\"texts\": %d, \"numbers\": %d", count, 2*count)
}

func stores(count int) string {
	for i := 0; i < count; i++ {
		textCache.Store("key", nil)
		numberCache.Store(i, [3]int{i})
	}
	return fmt.Sprintf("\"stores\": %d", count)
}

//go:noinline
func peeks(count int) string {
	for i := 0; i < count; i++ {
		sink += numberCache.Peek(i % 16)[0]
	}
	return ""
}

func sizes(count int) string {
	for i := 0; i < count; i++ {
		sink += sizeOf(&textCache)
	}
	return ""
}

var (
	hotUses  [8]struct{ count, padding [8]uint64 }
	hotCount int
	hotStop  uint32
	hotDone  = make(chan bool)
)

// Some work beside the calls, as any program has, so that a call is not all there is.
//
//go:noinline
func work(seed uint64) uint64 {
	for i := 0; i < 20000; i++ {
		seed = seed*6364136223846793005 + 1442695040888963407
	}
	return seed
}

func useHot(index int) {
	seed := uint64(index)
	for atomic.LoadUint32(&hotStop) == 0 {
		seed = work(seed)
		textCache.Load("key")
		atomic.AddUint64(&hotUses[index].count[0], 1)
	}
	hotDone <- true
}

func hot(count int) string {
	hotCount = count
	atomic.StoreUint32(&hotStop, 0)
	for i := 0; i < count; i++ {
		go useHot(i)
	}
	return ""
}

func used(int) string {
	var sum uint64
	for i := range hotUses {
		sum += atomic.LoadUint64(&hotUses[i].count[0])
	}
	return fmt.Sprintf("\"uses\": %d", sum)
}

func cool(int) string {
	atomic.StoreUint32(&hotStop, 1)
	for i := 0; i < hotCount; i++ {
		<-hotDone
	}
	runtime.Gosched()
	return used(0)
}
