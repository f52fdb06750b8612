package main

import (
	"runtime"
	"sync"
)

type buffer struct {
	bytes [512]byte
}

var buffers = sync.Pool{New: func() interface{} {
	truth.Misses++
	return new(buffer)
}}

func usePool(n uint64) {
	b := buffers.Get().(*buffer)
	b.bytes[n%512]++
	buffers.Put(b)
	truth.Gets++
	truth.Puts++
}

// A pool is emptied by two collections: what was not asked for in between is gone.
const operationsPerCollection = 10

func useEmptiedPool(n uint64) {
	usePool(n)
	if n%operationsPerCollection == 0 {
		runtime.GC()
		runtime.GC()
	}
}
