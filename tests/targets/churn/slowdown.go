package main

import (
	"runtime"
	"runtime/debug"
	"sort"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// How long the program feels held up: it does the same work over and over, in slots of a microsecond
// or so, and knows how long one takes. Slots that take many times as long are slow; slow ones that
// follow each other are one slow-down, which lasts for what they took beyond the usual. It counts the
// CPU time of its thread, in which traps are and other programs are not, and the time on the wall.
// It collects garbage between slots, so that it does not help to mark in them.
const (
	slotObjects = 32
	slotsUsual  = 20001
	slowTimes   = 6
	calmNs      = 500000 // of CPU time without a slow slot: the slow-down is over
	slotsOfHeap = 2048   // are 4 MiB
)

var slowest struct{ cpuNs, wallNs int64 }

const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID, linux/time.h

func threadNs() int64 {
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

type moment struct {
	cpuNs  int64
	wallNs int64
}

func momentSince(begin time.Time) moment {
	return moment{threadNs(), int64(time.Since(begin))}
}

//go:noinline
func slot(w *worker) {
	for i := 0; i < slotObjects; i++ {
		w.kept64[i] = &object64{}
	}
	atomic.AddUint64(&w.objects, slotObjects)
}

func median(values []int64) int64 {
	sort.Slice(values, func(i, j int) bool { return values[i] < values[j] })
	return values[len(values)/2]
}

func usualSlot(w *worker, begin time.Time) moment {
	cpu, wall := make([]int64, slotsUsual), make([]int64, slotsUsual)
	last := momentSince(begin)
	for i := range cpu {
		slot(w)
		now := momentSince(begin)
		cpu[i], wall[i] = now.cpuNs-last.cpuNs, now.wallNs-last.wallNs
		last = now
	}
	return moment{median(cpu), median(wall)}
}

func raise(most *int64, value int64) {
	if value > atomic.LoadInt64(most) {
		atomic.StoreInt64(most, value)
	}
}

func slowdownWorker(w *worker) {
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	begin := time.Now()
	usual := usualSlot(w, begin)
	last, lastSlow := momentSince(begin), int64(0)
	var run moment
	for slots := 1; ; slots++ {
		if slots%slotsOfHeap == 0 {
			runtime.GC()
			last = momentSince(begin)
		}
		slot(w)
		now := momentSince(begin)
		if cpuNs := now.cpuNs - last.cpuNs; cpuNs > slowTimes*usual.cpuNs {
			if now.cpuNs-lastSlow > calmNs {
				run = moment{}
			}
			lastSlow = now.cpuNs
			run.cpuNs += cpuNs - usual.cpuNs
			run.wallNs += now.wallNs - last.wallNs - usual.wallNs
			raise(&slowest.cpuNs, run.cpuNs)
			raise(&slowest.wallNs, run.wallNs)
		}
		last = now
	}
}
