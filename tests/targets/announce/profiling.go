//go:build !noprof

package main

import (
	"os"
	"runtime"
	"runtime/pprof"
)

// The linker turns the sampler off in programs that cannot reach runtime.MemProfile; this one can.
const profilingLinked = true

var profile [1 << 14]runtime.MemProfileRecord

func heapCommand(args []string) {
	if len(args) < 1 {
		replyError("heap FILE")
		return
	}
	file, err := os.Create(args[0])
	if err == nil {
		err = pprof.Lookup("heap").WriteTo(file, 0)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		replyError(err.Error())
		return
	}
	begin().boolean("ok", true).send()
}

func records(args []string) {
	count, ok := runtime.MemProfile(profile[:], true)
	if !ok {
		replyError("too many records")
		return
	}
	r := begin().boolean("ok", true).open("records", '[')
	for i := range profile[:count] {
		record := &profile[i]
		r.open("", '{').signed("alloc_bytes", record.AllocBytes).signed("alloc_objects", record.AllocObjects).
			signed("inuse_bytes", record.InUseBytes()).signed("inuse_objects", record.InUseObjects()).
			open("pcs", '[')
		for _, pc := range record.Stack() {
			r.integer("", uint64(pc))
		}
		r.close(']').close('}')
	}
	r.close(']').send()
}
