// Package store lies in a folder with a dot in its last element, which the toolchain writes as %2e
// in symbol names.
package store

// Item is allocated by New only.
type Item struct {
	stamp, inverse uint64
	self           *Item
}

//go:noinline
func New(stamp uint64) *Item {
	i := &Item{stamp: stamp, inverse: ^stamp}
	i.self = i
	return i
}

// Valid tells whether the item still holds what New was given.
func (i *Item) Valid(stamp uint64) bool {
	return i.stamp == stamp && i.inverse == ^stamp && i.self == i
}
