//go:build noprof

package main

// Without a profile in reach the linker switches the runtime's sampler off.
func watchForProfile(string) {}
