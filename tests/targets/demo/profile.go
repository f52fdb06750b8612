//go:build !noprof

package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// Most services can write a heap profile, if only somebody had thought of a way to ask for it. That
// they can is why the runtime samples their allocations.
func watchForProfile(path string) {
	if path == "" {
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for range asked {
			if err := writeHeapProfile(path); err != nil {
				fmt.Fprintln(os.Stderr, "demo:", err)
			}
		}
	}()
}

func writeHeapProfile(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := pprof.Lookup("heap").WriteTo(file, 0); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
