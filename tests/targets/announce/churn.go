package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// The load under which the observer comes and goes: each worker keeps a ring of objects of mixed
// kinds, replaces them one by one, verifies what it throws away, and grows its stack now and then.
var (
	churning struct {
		objects, damaged uint64 // first, where 32-bit machines align what is added to atomically
		workers          sync.WaitGroup
		stopping         uint32
		running          bool
	}
	churnKinds = []string{"node", "block64", "page1k", "bytes", "boxed", "pairvalues", "index", "buffer8k", "closure"}
)

// grow recurses with frames big enough that each few calls need a larger stack, and returns a sum
// that is known beforehand.
//
//go:noinline
func grow(depth int, step uint64) uint64 {
	var frame [64]uint64
	for i := range frame {
		frame[i] = step
	}
	if depth > 0 {
		return grow(depth-1, step) + frame[depth%len(frame)]
	}
	return frame[0]
}

func growthIntact(depth int, step uint64) bool {
	return grow(depth, step) == uint64(depth+1)*step
}

func churnWorker(ring int, seed uint64) {
	defer churning.workers.Done()
	objects := make([]unsafe.Pointer, ring)
	seeds := make([]uint64, ring)
	makers := make([]*kind, len(churnKinds))
	for i, name := range churnKinds {
		makers[i] = findKind(name)
	}
	for step := 0; atomic.LoadUint32(&churning.stopping) == 0; step++ {
		at, k := step%ring, makers[step%ring%len(makers)]
		if objects[at] != nil && !k.verify(objects[at], seeds[at]) {
			atomic.AddUint64(&churning.damaged, 1)
		}
		seed++
		objects[at], seeds[at] = k.make(seed), seed
		atomic.AddUint64(&churning.objects, 1)
		if step%4096 == 0 {
			growInNewGoroutine(seed)
		}
	}
}

func growInNewGoroutine(seed uint64) {
	done := make(chan bool)
	go func() { done <- growthIntact(2000, seed) }()
	if !<-done {
		atomic.AddUint64(&churning.damaged, 1)
	}
}

func stopChurn() uint64 {
	atomic.StoreUint32(&churning.stopping, 1)
	churning.workers.Wait()
	churning.running = false
	return atomic.LoadUint64(&churning.objects)
}

func churnCommand(args []string) {
	ring, goroutines, ms := number(args, 0), number(args, 1), number(args, 2)
	if ring < 1 || goroutines < 1 || churning.running {
		replyError("churn RING GOROUTINES MS, one at a time")
		return
	}
	atomic.StoreUint32(&churning.stopping, 0)
	atomic.StoreUint64(&churning.objects, 0)
	churning.running = true
	for i := 0; i < goroutines; i++ {
		churning.workers.Add(1)
		go churnWorker(ring, uint64(i)<<32)
	}
	if ms == 0 {
		begin().boolean("ok", true).send()
		return
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	begin().boolean("ok", true).integer("objects", stopChurn()).send()
}

func stopCommand(args []string) {
	begin().boolean("ok", true).integer("objects", stopChurn()).send()
}

func churnDamage() uint64 { return atomic.LoadUint64(&churning.damaged) }

func stackgrow(args []string) {
	depth, goroutines := number(args, 0), number(args, 1)
	var group sync.WaitGroup
	var wrong uint64
	for i := 0; i < goroutines; i++ {
		group.Add(1)
		go func(step uint64) {
			defer group.Done()
			if !growthIntact(depth, step) {
				atomic.AddUint64(&wrong, 1)
			}
		}(uint64(i) + 1)
	}
	group.Wait()
	begin().boolean("ok", wrong == 0).integer("wrong", wrong).send()
}

// threadCommand locks goroutines to threads of their own, which stay.
func threadCommand(args []string) {
	var started sync.WaitGroup
	for i := 0; i < number(args, 0); i++ {
		started.Add(1)
		go func() {
			runtime.LockOSThread()
			started.Done()
			select {}
		}()
	}
	started.Wait()
	begin().boolean("ok", true).send()
}
