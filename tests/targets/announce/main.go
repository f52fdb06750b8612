// Announce is a test target that allocates what it is told to and says what it did: one command per
// line on standard input, one JSON object per line on standard output. Answers are written when the
// command's work is over, so a reader needs no timing. The command loop itself allocates nothing.
package main

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

type command struct {
	name string
	run  func(args []string)
}

var commands []command

// A command line has few words; they live here so that parsing stays off the heap.
var words [8]string

func init() {
	commands = []command{
		{"alloc", allocCommand},               // alloc TYPE COUNT KEEP
		{"free", freeCommand},                 // forget everything kept
		{"gc", gcCommand},                     // two complete collections
		{"memstats", memstats},                // every field of runtime.MemStats, and NumGoroutine
		{"gccpu", gccpu},                      // CPU time by class, from runtime/metrics
		{"heap", heapCommand},                 // heap FILE: the program's own heap profile
		{"records", records},                  // runtime.MemProfile, record by record
		{"churn", churnCommand},               // churn RING GOROUTINES MS; MS 0: until stop
		{"stop", stopCommand},                 // ends the churn
		{"stackgrow", stackgrow},              // stackgrow DEPTH GOROUTINES
		{"ccall", ccallCommand},               // ccall COUNT: C calls back, Go allocates
		{"check", checkCommand},               // verifies everything kept
		{"exec", execCommand},                 // replaces itself with a new instance
		{"exit", exitCommand},                 // exit STATUS
		{"kinds", kindsCommand},               // what alloc can make
		{"threads", threadCommand},            // threads COUNT: locked to goroutines, waiting
		{"thin", thinCommand},                 // thin TYPE COUNT EVERY: makes many, keeps one in EVERY
		{"ballast", ballastCommand},           // ballast MIB: never written to; 0: forgets it
		{"deep", deepCommand},                 // deep DEPTH GOROUTINES: that wait down there
		{"release", releaseCommand},           // debug.FreeOSMemory
		{"cmalloc", cmallocCommand},           // cmalloc COUNT BYTES: C's, written to, never freed
		{"procs", procsCommand},               // procs N: GOMAXPROCS, which stops the world when it changes
		{"readstats", readStats},              // readstats COUNT: so many stops of the world
		{"itabs", itabsCommand},               // itabs COUNT: new pairs of interface and type
		{"reflecttypes", reflectTypesCommand}, // reflecttypes COUNT: made by reflection
		{"reflectalloc", reflectAllocCommand}, // reflectalloc COUNT: a third of it by reflection
	}
}

func number(args []string, index int) int {
	if index >= len(args) {
		return 0
	}
	value, err := strconv.Atoi(args[index])
	if err != nil {
		return 0
	}
	return value
}

// split cuts line into words; the words share the line's memory, which the loop reads into anew.
func split(line []byte) []string {
	count := 0
	for start := 0; start < len(line) && count < len(words); {
		for start < len(line) && line[start] == ' ' {
			start++
		}
		end := start
		for end < len(line) && line[end] != ' ' {
			end++
		}
		if end > start {
			words[count] = borrow(line[start:end])
			count++
		}
		start = end
	}
	return words[:count]
}

func dispatch(args []string) {
	for i := range commands {
		if commands[i].name == args[0] {
			commands[i].run(args[1:])
			return
		}
	}
	replyError("no such command")
}

func announceSelf() {
	begin().boolean("ready", true).integer("pid", uint64(os.Getpid())).text("go", runtime.Version()).
		boolean("profiling", profilingLinked).boolean("cgo", cgoLinked).
		integer("memprofilerate", uint64(runtime.MemProfileRate)).send()
}

// GODEBUG=memprofilerate says the same, but Go 1.19 overrides it when the runtime's own variables are set.
func setSamplingRate() {
	if rate, err := strconv.Atoi(os.Getenv("ANNOUNCE_RATE")); err == nil {
		runtime.MemProfileRate = rate
	}
}

func main() {
	setSamplingRate()
	input := bufio.NewReaderSize(os.Stdin, 4096)
	announceSelf()
	for {
		line, err := input.ReadSlice('\n')
		if err != nil {
			os.Exit(0)
		}
		if args := split(line[:len(line)-1]); len(args) > 0 {
			dispatch(args)
		}
	}
}

func gcCommand(args []string) {
	runtime.GC()
	runtime.GC()
	begin().boolean("ok", true).send()
}

func procsCommand(args []string) {
	before := runtime.GOMAXPROCS(number(args, 0))
	begin().boolean("ok", true).integer("before", uint64(before)).send()
}

func execCommand(args []string) {
	path, err := os.Executable()
	if err == nil {
		err = syscall.Exec(path, os.Args, os.Environ())
	}
	replyError(err.Error())
}

func exitCommand(args []string) {
	status := number(args, 0)
	begin().boolean("ok", true).send()
	os.Exit(status)
}
