package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// Entry is what the cache holds: the value, and when it stops being one.
type Entry[V any] struct {
	value   V
	expires time.Time
	hits    uint64
}

// GenericCache caches any value under any comparable key. It counts its entries, because a sync.Map
// cannot say how many it has.
type GenericCache[K comparable, V any] struct {
	entries sync.Map // K to *Entry[V]; key and value are boxed on the way in
	count   int64
	ttl     time.Duration
}

func NewGenericCache[K comparable, V any](ttl time.Duration) *GenericCache[K, V] {
	return &GenericCache[K, V]{ttl: ttl}
}

// Store keeps value for the cache's time to live. Expired entries go when they are looked up.
func (c *GenericCache[K, V]) Store(key K, value V) {
	entry := &Entry[V]{value: value, expires: time.Now().Add(c.ttl)}
	if _, existed := c.entries.Load(key); !existed {
		atomic.AddInt64(&c.count, 1)
	}
	c.entries.Store(key, entry)
}

func (c *GenericCache[K, V]) Load(key K) (value V, ok bool) {
	found, ok := c.entries.Load(key)
	if !ok {
		return value, false
	}
	entry := found.(*Entry[V])
	if time.Now().After(entry.expires) {
		c.entries.Delete(key)
		atomic.AddInt64(&c.count, -1)
		return value, false
	}
	atomic.AddUint64(&entry.hits, 1)
	return entry.value, true
}

// LoadOrCompute asks compute where the cache has nothing.
func (c *GenericCache[K, V]) LoadOrCompute(key K, compute func(K) V) V {
	if value, ok := c.Load(key); ok {
		return value
	}
	value := compute(key)
	c.Store(key, value)
	return value
}

func (c *GenericCache[K, V]) Len() int { return int(atomic.LoadInt64(&c.count)) }

// Clear forgets everything.
func (c *GenericCache[K, V]) Clear() {
	c.entries.Range(func(key, _ interface{}) bool {
		c.entries.Delete(key)
		return true
	})
	atomic.StoreInt64(&c.count, 0)
}
