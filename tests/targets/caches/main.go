// Caches is a test target with caches of every kind, which it uses as often as it is told to and says
// how often that was: one command per line on standard input, one JSON object per line on standard
// output. Nothing uses them in between.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

type command struct {
	name string
	run  func(count int) string // the answer's members
}

var commands = []command{
	{"loads", loads},        // COUNT of the cache of strings, twice as many of that of numbers
	{"stores", stores},      // COUNT in both; each allocates one entry
	{"peeks", peeks},        // COUNT calls that are all inlined
	{"sizes", sizes},        // COUNT calls of a function without stack check
	{"hits", hits},          // COUNT Gets of a pool that has what they want, and Puts
	{"misses", misses},      // COUNT Gets of a pool that is emptied each time
	{"bare", bare},          // COUNT Gets of a pool without New
	{"makes", makes},        // COUNT calls of a New function that are no misses
	{"nested", nested},      // COUNT Gets, whose New Gets of another pool
	{"maploads", loadMap},   // COUNT of a sync.Map
	{"mapstores", storeMap}, // COUNT
	{"mapothers", otherMap}, // COUNT LoadOrStore, and as many LoadAndDelete
	{"hot", hot},            // COUNT goroutines use the cache of strings until cool
	{"used", used},          // how often they have, so far
	{"cool", cool},
	{"gc", func(int) string { runtime.GC(); return "" }},
}

func main() {
	if rate, err := strconv.Atoi(os.Getenv("CACHES_RATE")); err == nil {
		runtime.MemProfileRate = rate
	}
	fmt.Printf("{\"ready\": true, \"pid\": %d}\n", os.Getpid())
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		words := strings.Fields(input.Text())
		count := 0
		if len(words) > 1 {
			count, _ = strconv.Atoi(words[1])
		}
		fmt.Println(answer(words[0], count))
	}
}

func answer(name string, count int) string {
	for i := range commands {
		if commands[i].name == name {
			if members := commands[i].run(count); members != "" {
				return "{\"ok\": true, " + members + "}"
			}
			return "{\"ok\": true}"
		}
	}
	return "{\"ok\": false}"
}
