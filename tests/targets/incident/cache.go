package main

import "sync"

// Cache is what the service asks of one.
type Cache interface {
	Load(key string) (Session, bool)
	Store(key string, value Session)
	Len() int
	Boxed() uint64 // values that were put into interfaces, by the cache's own count
}

// GenericCache promises types; what holds them is a sync.Map of any to any.
type GenericCache[K comparable, V any] struct {
	entries sync.Map
	count   int
	boxed   uint64
}

func (c *GenericCache[K, V]) Load(key K) (value V, ok bool) {
	found, ok := c.entries.Load(key)
	if ok {
		value = found.(V)
	}
	return value, ok
}

func (c *GenericCache[K, V]) Store(key K, value V) {
	c.entries.Store(key, value)
	c.count++
	c.boxed += 2
}

func (c *GenericCache[K, V]) Len() int { return c.count }

func (c *GenericCache[K, V]) Boxed() uint64 { return c.boxed }

// BoundedCache holds values as they are, the newest of them.
type BoundedCache[K comparable, V any] struct {
	entries map[K]V
	order   []K // a ring: the oldest is overwritten
	next    int
}

func NewBoundedCache[K comparable, V any](most int) *BoundedCache[K, V] {
	return &BoundedCache[K, V]{entries: make(map[K]V, most), order: make([]K, most)}
}

func (c *BoundedCache[K, V]) Load(key K) (value V, ok bool) {
	value, ok = c.entries[key]
	return value, ok
}

func (c *BoundedCache[K, V]) Store(key K, value V) {
	if len(c.entries) >= len(c.order) {
		delete(c.entries, c.order[c.next])
	}
	c.entries[key] = value
	c.order[c.next] = key
	c.next = (c.next + 1) % len(c.order)
}

func (c *BoundedCache[K, V]) Len() int { return len(c.entries) }

func (c *BoundedCache[K, V]) Boxed() uint64 { return 0 }
