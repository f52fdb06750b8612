package main

import (
	"strconv"
	"sync"
)

type Profile struct {
	ID      uint64
	Visits  uint64
	Country string
}

const cachedKeys = 512

// GenericCache promises types and stores interfaces: key and value are boxed on the way in.
type GenericCache[K comparable, V any] struct {
	entries sync.Map
}

//go:noinline
func (c *GenericCache[K, V]) Store(key K, value V) { c.entries.Store(key, value) }

//go:noinline
func (c *GenericCache[K, V]) Load(key K) (value V, ok bool) {
	found, ok := c.entries.Load(key)
	if ok {
		value = found.(V)
	}
	return value, ok
}

// TypedCache stores what it promises.
type TypedCache[K comparable, V any] struct {
	mutex   sync.RWMutex
	entries map[K]V
}

//go:noinline
func (c *TypedCache[K, V]) Store(key K, value V) {
	c.mutex.Lock()
	c.entries[key] = value
	c.mutex.Unlock()
}

//go:noinline
func (c *TypedCache[K, V]) Load(key K) (value V, ok bool) {
	c.mutex.RLock()
	value, ok = c.entries[key]
	c.mutex.RUnlock()
	return value, ok
}

var (
	interfaceCache GenericCache[string, Profile]
	typedCache     = TypedCache[string, Profile]{entries: map[string]Profile{}}
	cacheKeys      = makeKeys()
	lastProfile    Profile
)

func makeKeys() (keys [cachedKeys]string) {
	for i := range keys {
		keys[i] = "user-" + strconv.Itoa(i)
	}
	return keys
}

func profileOf(n uint64) (string, Profile) {
	return cacheKeys[n%cachedKeys], Profile{ID: n, Visits: n / cachedKeys, Country: "DE"}
}

func useInterfaceCache(n uint64) {
	key, profile := profileOf(n)
	interfaceCache.Store(key, profile)
	lastProfile, _ = interfaceCache.Load(key)
	truth.Stores++
	truth.Loads++
	truth.Boxed += 2 // the key of a Load stays on the stack
	truth.BoxedBytes += 16 + 32
}

func useTypedCache(n uint64) {
	key, profile := profileOf(n)
	typedCache.Store(key, profile)
	lastProfile, _ = typedCache.Load(key)
	truth.Stores++
	truth.Loads++
}
