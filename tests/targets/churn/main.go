// Churn allocates as fast as it can, to measure what an observer costs. Each line on standard input
// is answered with what was allocated since the line before, so that whoever measures chooses the
// intervals.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"sync/atomic"
	"time"
)

type object64 struct{ words [8]uint64 }

// Counters are a cache line apart: sharing one would be measured instead.
type worker struct {
	objects, bytes uint64
	_              [112]byte
	kept64         [512]*object64
	keptMixed      [512][]byte
}

const batch = 1024

//go:noinline
func allocate64(w *worker) {
	for i := 0; i < batch; i++ {
		w.kept64[i%len(w.kept64)] = &object64{}
	}
}

func small(w *worker) {
	for {
		allocate64(w)
		atomic.AddUint64(&w.objects, batch)
		atomic.AddUint64(&w.bytes, batch*64)
	}
}

// Sizes as servers have them: many small ones, a few buffers; 5.3 KB on average.
var mixedSizes = [...]int{
	32, 64, 128, 256, 48, 96, 512, 1024, 2048, 4096, 64, 8192, 16384, 32768, 192, 20480,
}

//go:noinline
func allocateMixed(w *worker, start int) uint64 {
	sum := 0
	for i := 0; i < batch; i++ {
		size := mixedSizes[(start+i*7)%len(mixedSizes)]
		w.keptMixed[i%len(w.keptMixed)] = make([]byte, size)
		sum += size
	}
	return uint64(sum)
}

func mixed(w *worker) {
	for start := 0; ; start++ {
		sum := allocateMixed(w, start)
		atomic.AddUint64(&w.objects, batch)
		atomic.AddUint64(&w.bytes, sum)
	}
}

func main() {
	mode := flag.String("mode", "small", "small (64-byte objects), mixed (32 bytes to 32 KiB), slowdown (slowdown.go), steady or phased (kinds.go)")
	count := flag.Int("workers", 1, "goroutines that allocate")
	profile := flag.String("heap-profile", "", "write the heap profile here at the end")
	flag.Parse()

	run := map[string]func(*worker){"small": small, "mixed": mixed, "steady": steadyKinds,
		"phased": phasedKinds, "slowdown": slowdownWorker}[*mode]
	if run == nil {
		fmt.Fprintln(os.Stderr, "churn: no such -mode")
		os.Exit(2)
	}
	workers := make([]worker, *count)
	for i := range workers {
		go run(&workers[i])
	}
	report(workers)
	if *profile != "" {
		writeProfile(*profile)
	}
}

func total(workers []worker) (objects, bytes uint64) {
	for i := range workers {
		objects += atomic.LoadUint64(&workers[i].objects)
		bytes += atomic.LoadUint64(&workers[i].bytes)
	}
	return
}

func report(workers []worker) {
	input := bufio.NewScanner(os.Stdin)
	fmt.Printf("{\"ready\": true, \"pid\": %d, \"go\": %q}\n", os.Getpid(), runtime.Version())
	objects, bytes := total(workers)
	since := time.Now()
	for input.Scan() {
		nowObjects, nowBytes := total(workers)
		now := time.Now()
		fmt.Printf("{\"objects\": %d, \"bytes\": %d, \"ns\": %d, \"slow_cpu_ns\": %d, "+
			"\"slow_wall_ns\": %d, \"kinds\": %s}\n",
			nowObjects-objects, nowBytes-bytes, now.Sub(since).Nanoseconds(),
			atomic.SwapInt64(&slowest.cpuNs, 0),
			atomic.SwapInt64(&slowest.wallNs, 0), kindsText())
		objects, bytes, since = nowObjects, nowBytes, now
	}
}

// Besides being an option, this is what keeps the runtime's sampler linked and running.
func writeProfile(path string) {
	file, err := os.Create(path)
	if err == nil {
		err = pprof.Lookup("heap").WriteTo(file, 0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "churn:", err)
		os.Exit(1)
	}
	file.Close()
}
