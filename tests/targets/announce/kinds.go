package main

import (
	"reflect"
	"unsafe"

	"example.com/targets/announce/store.v2"
)

// Every kind is made in a function of its own, so that site and type of an allocation name each
// other. A maker fills its object from seed; verify says whether an object still holds that.
type kind struct {
	name, function, typeName string
	make                     func(seed uint64) unsafe.Pointer
	verify                   func(object unsafe.Pointer, seed uint64) bool
}

type node struct {
	left, right *node
	key         uint64
	label       string
	weight      uint64
}

type block64 struct{ words [8]uint64 }
type page1k struct{ words [128]uint64 }
type buffer8k struct{ words [1024]uint64 }
type large100k struct{ words [12500]uint64 }
type tiny8 uint64

// directory is over 512 bytes and has pointers: from Go 1.22 on its slot starts with a header.
type directory struct {
	entries [96]*node
	stamp   [32]uint64
}

type record struct {
	id, size uint64
	name     string
}

type leaf struct{ stamp [5]uint64 }

type pair[K comparable, V any] struct {
	key   K
	value V
	stamp [4]uint64
}

// noise spreads a seed over a word, so that neighbouring objects differ everywhere.
func noise(seed uint64, index int) uint64 {
	return (seed+uint64(index)+1)*0x9e3779b97f4a7c15 ^ seed>>7
}

func fill(words []uint64, seed uint64) {
	for i := range words {
		words[i] = noise(seed, i)
	}
}

func filled(words []uint64, seed uint64) bool {
	for i := range words {
		if words[i] != noise(seed, i) {
			return false
		}
	}
	return true
}

//go:noinline
func makeNode(seed uint64) unsafe.Pointer {
	n := &node{key: seed, label: "node", weight: noise(seed, 0)}
	n.left = n
	return unsafe.Pointer(n)
}

func verifyNode(object unsafe.Pointer, seed uint64) bool {
	n := (*node)(object)
	return n.left == n && n.right == nil && n.key == seed && n.label == "node" && n.weight == noise(seed, 0)
}

//go:noinline
func makeBlock64(seed uint64) unsafe.Pointer {
	b := new(block64)
	fill(b.words[:], seed)
	return unsafe.Pointer(b)
}

//go:noinline
func makePage1k(seed uint64) unsafe.Pointer {
	p := new(page1k)
	fill(p.words[:], seed)
	return unsafe.Pointer(p)
}

//go:noinline
func makeBuffer8k(seed uint64) unsafe.Pointer {
	b := new(buffer8k)
	fill(b.words[:], seed)
	return unsafe.Pointer(b)
}

//go:noinline
func makeLarge100k(seed uint64) unsafe.Pointer {
	l := new(large100k)
	fill(l.words[:], seed)
	return unsafe.Pointer(l)
}

//go:noinline
func makeTiny8(seed uint64) unsafe.Pointer {
	t := new(tiny8)
	*t = tiny8(noise(seed, 0))
	return unsafe.Pointer(t)
}

//go:noinline
func makeDirectory(seed uint64) unsafe.Pointer {
	d := new(directory)
	fill(d.stamp[:], seed)
	return unsafe.Pointer(d)
}

func verifyDirectory(object unsafe.Pointer, seed uint64) bool {
	d := (*directory)(object)
	for _, entry := range d.entries {
		if entry != nil {
			return false
		}
	}
	return filled(d.stamp[:], seed)
}

// The lengths are variables: a constant one would make the compiler call newobject with an array.
var byteLength, wordLength, nodeLength = 200, 12, 30

//go:noinline
func makeBytes(seed uint64) unsafe.Pointer {
	s := make([]byte, byteLength)
	for i := range s {
		s[i] = byte(noise(seed, i))
	}
	return unsafe.Pointer(&s[0])
}

func verifyBytes(object unsafe.Pointer, seed uint64) bool {
	for i := 0; i < byteLength; i++ {
		if *(*byte)(unsafe.Pointer(uintptr(object) + uintptr(i))) != byte(noise(seed, i)) {
			return false
		}
	}
	return true
}

//go:noinline
func makeWords(seed uint64) unsafe.Pointer {
	s := make([]uint64, wordLength)
	fill(s, seed)
	return unsafe.Pointer(&s[0])
}

//go:noinline
func makeNodeList(seed uint64) unsafe.Pointer {
	s := make([]*node, nodeLength)
	return unsafe.Pointer(&s[0])
}

func verifyNodeList(object unsafe.Pointer, seed uint64) bool {
	for _, n := range (*[30]*node)(object) {
		if n != nil {
			return false
		}
	}
	return true
}

//go:noinline
func makeIndex(seed uint64) unsafe.Pointer {
	m := make(map[uint64]uint64, 20)
	for i := 0; i < 20; i++ {
		m[uint64(i)] = noise(seed, i)
	}
	return *(*unsafe.Pointer)(unsafe.Pointer(&m))
}

func verifyIndex(object unsafe.Pointer, seed uint64) bool {
	m := *(*map[uint64]uint64)(unsafe.Pointer(&object))
	for i := 0; i < 20; i++ {
		if m[uint64(i)] != noise(seed, i) {
			return false
		}
	}
	return len(m) == 20
}

var letters [56]byte

//go:noinline
func makeText(seed uint64) unsafe.Pointer {
	for i := range letters {
		letters[i] = 'a' + byte(noise(seed, i)%26)
	}
	s := string(letters[:])
	return *(*unsafe.Pointer)(unsafe.Pointer(&s))
}

func verifyText(object unsafe.Pointer, seed uint64) bool {
	for i, c := range (*[56]byte)(object) {
		if c != 'a'+byte(noise(seed, i)%26) {
			return false
		}
	}
	return true
}

func dataWord(boxed interface{}) unsafe.Pointer {
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&boxed))[1]
}

//go:noinline
func box(value record) interface{} { return value }

//go:noinline
func boxRecord(seed uint64) unsafe.Pointer {
	return dataWord(box(record{id: seed, size: noise(seed, 0), name: "record"}))
}

func verifyRecord(object unsafe.Pointer, seed uint64) bool {
	return *(*record)(object) == record{id: seed, size: noise(seed, 0), name: "record"}
}

//go:noinline
func boxNumber(seed uint64) unsafe.Pointer {
	var boxed interface{} = noise(seed, 0) | 1<<40 // small values are not allocated
	return dataWord(boxed)
}

func verifyNumber(object unsafe.Pointer, seed uint64) bool {
	return *(*uint64)(object) == noise(seed, 0)|1<<40
}

//go:noinline
func newPair[K comparable, V any](key K, value V, seed uint64) *pair[K, V] {
	p := &pair[K, V]{key: key, value: value}
	fill(p.stamp[:], seed)
	return p
}

func makePairOfValues(seed uint64) unsafe.Pointer {
	return unsafe.Pointer(newPair(int(seed), "value", seed))
}

func verifyPairOfValues(object unsafe.Pointer, seed uint64) bool {
	p := (*pair[int, string])(object)
	return p.key == int(seed) && p.value == "value" && filled(p.stamp[:], seed)
}

var anchor = &node{label: "anchor"}

func makePairOfPointers(seed uint64) unsafe.Pointer {
	return unsafe.Pointer(newPair(anchor, &seededRecord, seed))
}

var seededRecord record

func verifyPairOfPointers(object unsafe.Pointer, seed uint64) bool {
	p := (*pair[*node, *record])(object)
	return p.key == anchor && p.value == &seededRecord && filled(p.stamp[:], seed)
}

//go:noinline
func makeClosure(seed uint64) unsafe.Pointer {
	first, second, third := seed, noise(seed, 0), anchor
	f := func() bool { return second == noise(first, 0) && third == anchor }
	return *(*unsafe.Pointer)(unsafe.Pointer(&f))
}

func verifyClosure(object unsafe.Pointer, seed uint64) bool {
	return (*(*func() bool)(unsafe.Pointer(&object)))()
}

var madeType = reflect.StructOf([]reflect.StructField{
	{Name: "Stamp", Type: reflect.TypeOf([11]uint64{})},
	{Name: "Next", Type: reflect.TypeOf(anchor)},
})

//go:noinline
func makeReflected(seed uint64) unsafe.Pointer {
	object := reflect.New(madeType).UnsafePointer()
	fill((*[11]uint64)(object)[:], seed)
	return object
}

// Small enough to be inlined: the allocation's frames are newLeaf in makeInlined at one address.
func newLeaf() *leaf { return &leaf{} }

//go:noinline
func makeInlined(seed uint64) unsafe.Pointer {
	l := newLeaf()
	fill(l.stamp[:], seed)
	return unsafe.Pointer(l)
}

//go:noinline
func makeItem(seed uint64) unsafe.Pointer {
	return unsafe.Pointer(store.New(noise(seed, 0)))
}

func verifyItem(object unsafe.Pointer, seed uint64) bool {
	return (*store.Item)(object).Valid(noise(seed, 0))
}

// words makes a verify function for objects that are n filled words from their start.
func wordsOf(n int) func(unsafe.Pointer, uint64) bool {
	return func(object unsafe.Pointer, seed uint64) bool {
		return filled((*[1 << 20]uint64)(object)[:n:n], seed)
	}
}

var kinds = []kind{
	{"node", "main.makeNode", "main.node", makeNode, verifyNode},
	{"block64", "main.makeBlock64", "main.block64", makeBlock64, wordsOf(8)},
	{"page1k", "main.makePage1k", "main.page1k", makePage1k, wordsOf(128)},
	{"buffer8k", "main.makeBuffer8k", "main.buffer8k", makeBuffer8k, wordsOf(1024)},
	{"large100k", "main.makeLarge100k", "main.large100k", makeLarge100k, wordsOf(12500)},
	{"tiny8", "main.makeTiny8", "main.tiny8", makeTiny8, verifyTiny8},
	{"directory", "main.makeDirectory", "main.directory", makeDirectory, verifyDirectory},
	{"bytes", "main.makeBytes", "uint8", makeBytes, verifyBytes},
	{"words", "main.makeWords", "uint64", makeWords, wordsOf(12)},
	{"nodelist", "main.makeNodeList", "*main.node", makeNodeList, verifyNodeList},
	{"index", "main.makeIndex", "", makeIndex, verifyIndex}, // which type depends on the Go version
	{"text", "main.makeText", "string", makeText, verifyText},
	{"boxed", "main.box", "main.record", boxRecord, verifyRecord},
	{"number", "main.boxNumber", "uint64", boxNumber, verifyNumber},
	{"pairvalues", "main.newPair[...]", "main.pair[int,string]", makePairOfValues, verifyPairOfValues},
	{"pairpointers", "main.newPair[...]", "main.pair[*main.node,*main.record]", makePairOfPointers,
		verifyPairOfPointers},
	{"closure", "main.makeClosure", "", makeClosure, verifyClosure}, // a type without a name
	{"reflected", "reflect.New", "struct { Stamp [11]uint64; Next *main.node }", makeReflected, wordsOf(11)},
	{"inlined", "main.newLeaf", "main.leaf", makeInlined, wordsOf(5)},
	{"item", "example.com/targets/announce/store%2ev2.New", "store.Item", makeItem, verifyItem},
}

func verifyTiny8(object unsafe.Pointer, seed uint64) bool {
	return *(*tiny8)(object) == tiny8(noise(seed, 0))
}

func findKind(name string) *kind {
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i]
		}
	}
	return nil
}
