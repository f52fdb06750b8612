// Patterns is five ways in which a Go service comes to allocate more than it seems to, each beside a
// counter-example that does the same work without it. It does as it is told, line by line on standard
// input, and answers each line with what is true of it by now:
//
//	patterns PATTERN VARIANT
//	work N          do N operations, then answer
//	run PER_SECOND  do so many each second from now on
//	stop            and no more
//	truth           answer only
//
// PATTERNS_RATE in the environment is runtime.MemProfileRate: with 1 the runtime samples each allocation
// but those that share a block of 16 bytes.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// An operation does the n-th piece of work and counts it in truth.
type operation func(n uint64)

// What the program knows about itself. Only one goroutine works at a time.
var truth = struct {
	OK               bool   `json:"ok"`
	Operations       uint64 `json:"operations"`
	Boxed            uint64 `json:"boxed"`       // values that were put into an interface and allocated for it
	BoxedBytes       uint64 `json:"boxed_bytes"` // as requested
	Payloads         uint64 `json:"payloads"`    // slices of payloadBytes: every variant makes as many
	TypesMade        uint64 `json:"types_made"`
	ReflectNumbers   uint64 `json:"reflect_numbers"` // that reflect gave to names and types
	Instantiations   uint64 `json:"instantiations"`  // of fill, that were called
	Stores           uint64 `json:"stores"`
	Loads            uint64 `json:"loads"`
	Gets             uint64 `json:"gets"`
	Puts             uint64 `json:"puts"`
	Misses           uint64 `json:"misses"`
	MallocsOfWork    uint64 `json:"mallocs_of_work"` // as MemStats has it, of the newest work alone
	AllocBytesOfWork uint64 `json:"alloc_bytes_of_work"`
}{OK: true}

var patterns = map[string]map[string]operation{
	"boxing":  {"bad": boxMeasurements, "good": keepMeasurements},
	"reflect": {"bad": makeTypes, "good": reuseType},
	"generic": {"bad": fillMany, "good": fillOne},
	"cache":   {"bad": useInterfaceCache, "good": useTypedCache},
	"pool":    {"bad": useEmptiedPool, "good": usePool},
}

const payloadBytes = 64

// What an operation is about: the same for all patterns, so that a share has a whole.
var payload []byte

func makePayload() {
	payload = make([]byte, payloadBytes)
	truth.Payloads++
}

func work(one operation, count uint64) {
	for i := uint64(0); i < count; i++ {
		makePayload()
		one(truth.Operations)
		truth.Operations++
	}
}

func workMeasured(one operation, count uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work(one, count)
	runtime.ReadMemStats(&after)
	truth.MallocsOfWork = after.Mallocs - before.Mallocs
	truth.AllocBytesOfWork = after.TotalAlloc - before.TotalAlloc
}

const ticksPerSecond = 50

// runner works at a steady rate until it is told to stop.
type runner struct {
	stop, stopped chan struct{}
}

func start(one operation, perSecond uint64) *runner {
	r := &runner{make(chan struct{}), make(chan struct{})}
	go func() {
		defer close(r.stopped)
		ticker := time.NewTicker(time.Second / ticksPerSecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				work(one, perSecond/ticksPerSecond)
			case <-r.stop:
				return
			}
		}
	}()
	return r
}

func (r *runner) end() {
	if r != nil {
		close(r.stop)
		<-r.stopped
	}
}

func answer(value interface{}) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

func serve(one operation) {
	var running *runner
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		number := uint64(0)
		if len(words) > 1 {
			number, _ = strconv.ParseUint(words[1], 10, 63)
		}
		running.end()
		running = nil
		switch words[0] {
		case "work":
			workMeasured(one, number)
		case "run":
			if number < ticksPerSecond {
				number = ticksPerSecond
			}
			running = start(one, number)
			answer(map[string]bool{"ok": true}) // the truth is moving
			continue
		}
		answer(&truth)
	}
}

func main() {
	if len(os.Args) != 3 || patterns[os.Args[1]][os.Args[2]] == nil {
		fmt.Fprintln(os.Stderr, "usage: patterns boxing|reflect|generic|cache|pool bad|good")
		os.Exit(2)
	}
	if rate, err := strconv.Atoi(os.Getenv("PATTERNS_RATE")); err == nil {
		runtime.MemProfileRate = rate
	}
	// Reachable, so that the linker leaves the runtime's sampler on.
	runtime.MemProfile(nil, true)
	answer(map[string]interface{}{"ready": true, "pid": os.Getpid(), "go": runtime.Version()})
	serve(patterns[os.Args[1]][os.Args[2]])
}
