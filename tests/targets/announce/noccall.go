//go:build !ccall

package main

const cgoLinked = false

func ccallCommand(args []string)   { replyError("built without cgo") }
func cmallocCommand(args []string) { replyError("built without cgo") }
