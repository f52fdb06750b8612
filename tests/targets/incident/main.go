// Incident is the service of the incident, twice: as it was, and mended (-mended). Both answer the same
// requests in the same order at the same rate, for -for (0: until a signal), and say on standard output
// what is true of them by now whenever a line comes on standard input, and at the end.
//
// As it was, a generic cache over sync.Map boxes keys and values, each request gets a type of its own
// from reflection, and nothing is ever evicted. Mended, the cache holds concrete values and a bounded
// number of them, and the type is made once.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const ticksPerSecond = 50

type state struct {
	mutex sync.Mutex // between requests and questions
	truth Truth
}

// Truth is what the service knows about itself.
type Truth struct {
	OK        bool   `json:"ok"`
	Mended    bool   `json:"mended"`
	Requests  uint64 `json:"requests"`
	Hits      uint64 `json:"hits"`
	Entries   uint64 `json:"entries"`
	Boxed     uint64 `json:"boxed"`
	TypesMade uint64 `json:"types_made"`
	HeapAlloc uint64 `json:"heap_alloc"`
	Mallocs   uint64 `json:"mallocs"`
	NumGC     uint32 `json:"num_gc"`
}

func (s *state) answer(service *Service) {
	var stats runtime.MemStats

	s.mutex.Lock()
	defer s.mutex.Unlock()
	runtime.ReadMemStats(&stats)
	s.truth = Truth{OK: true, Mended: service.mended, Requests: service.requests, Hits: service.hits,
		Entries: uint64(service.cache.Len()), Boxed: service.cache.Boxed(), TypesMade: service.typesMade,
		HeapAlloc: stats.HeapAlloc, Mallocs: stats.Mallocs, NumGC: stats.NumGC}
	line, err := json.Marshal(&s.truth)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

func (s *state) answerLines(service *Service) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		s.answer(service)
	}
}

// load is the customers: so many requests each tick, in an order that is always the same.
func (s *state) load(service *Service, perSecond uint64, stop <-chan struct{}) {
	ticker := time.NewTicker(time.Second / ticksPerSecond)
	defer ticker.Stop()
	due := uint64(0)
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
		due += perSecond
		s.mutex.Lock()
		for ; due >= ticksPerSecond; due -= ticksPerSecond {
			service.Handle()
		}
		s.mutex.Unlock()
	}
}

func main() {
	mended := flag.Bool("mended", false, "without the bugs")
	rate := flag.Uint64("rate", 2000, "requests per second")
	duration := flag.Duration("for", 0, "end after so long; 0: on a signal")
	sampling := flag.Int("sampling-rate", runtime.MemProfileRate, "runtime.MemProfileRate")
	flag.Parse()
	runtime.MemProfileRate = *sampling
	runtime.MemProfile(nil, true) // reachable, so that the linker leaves the sampler on

	service := NewService(*mended)
	stop := make(chan struct{})
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	if *duration > 0 {
		time.AfterFunc(*duration, func() { ended <- os.Interrupt })
	}
	s := &state{}
	fmt.Printf("{\"ready\":true,\"pid\":%d,\"go\":%q,\"mended\":%v}\n", os.Getpid(), runtime.Version(), *mended)
	go s.answerLines(service)
	go s.load(service, *rate, stop)
	<-ended
	close(stop)
	s.answer(service)
}
