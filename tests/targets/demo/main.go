// Demo is a small shop service with a leak: a generic cache over sync.Map whose keys are never asked
// for twice. It brings its own customers. -mended runs it without the bug, to see the difference.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	mended := flag.Bool("mended", false, "leave the request's trace out of the cache's key")
	limit := flag.Uint64("limit-mib", 400, "empty the cache when the heap has grown to this")
	profile := flag.String("heap-profile", "", "write the program's own heap profile here on SIGUSR1")
	flag.Parse()

	watchForProfile(*profile)
	storefront := NewStorefront(*mended, io.Discard)
	if err := NewLoadGenerator(storefront, *limit<<20).Run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
