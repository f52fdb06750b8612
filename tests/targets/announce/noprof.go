//go:build noprof

package main

const profilingLinked = false

func heapCommand(args []string) { replyError("built without profiling") }
func records(args []string)     { replyError("built without profiling") }
