package main

import (
	"reflect"
	"runtime"
	"strconv"
)

// What the runtime learns of types while the program runs: pairs of interface and concrete type that
// the compiler could not foresee, and types made by reflection.

type mineral[T any] struct{ value, weight T }

func (m mineral[T]) Weigh() T     { return m.weight }
func (m mineral[T]) Name() string { return "mineral" }
func (m mineral[T]) Grind() int   { return 1 }

type namer interface{ Name() string }
type grinder interface{ Grind() int }
type miller interface {
	Grind() int
	Name() string
}
type melter interface{ Melt() int } // no mineral melts

type lava struct{}

func (lava) Melt() int { return 1000 }

var minerals = [...]interface{}{
	mineral[int8]{}, mineral[int16]{}, mineral[int32]{}, mineral[int64]{},
	mineral[uint8]{}, mineral[uint16]{}, mineral[uint32]{}, mineral[uint64]{},
	mineral[float32]{}, mineral[float64]{}, mineral[string]{}, mineral[bool]{},
	mineral[[]int8]{}, mineral[[]int16]{}, mineral[[]int32]{}, mineral[[]int64]{},
}

// The methods are called, else the linker drops them.
//
//go:noinline
func assertNamer(value interface{}) bool {
	v, ok := value.(namer)
	return ok && v.Name() != ""
}

//go:noinline
func assertGrinder(value interface{}) bool {
	v, ok := value.(grinder)
	return ok && v.Grind() > 0
}

//go:noinline
func assertMiller(value interface{}) bool {
	v, ok := value.(miller)
	return ok && v.Grind() > 0
}

//go:noinline
func assertMelter(value interface{}) bool {
	v, ok := value.(melter)
	return ok && v.Melt() > 0
}

var assertions = [...]struct {
	name, function string
	assert         func(value interface{}) bool
}{
	{"main.namer", "main.assertNamer", assertNamer},
	{"main.grinder", "main.assertGrinder", assertGrinder},
	{"main.miller", "main.assertMiller", assertMiller},
	{"main.melter", "main.assertMelter", assertMelter},
}

var pairsDone int

// itabsCommand asserts COUNT pairs that were not asked for before, or as many as there are.
func itabsCommand(args []string) {
	first, last := pairsDone, pairsDone+number(args, 0)
	if last > len(assertions)*len(minerals) {
		last = len(assertions) * len(minerals)
	}
	var held [len(assertions) * len(minerals)]bool
	for i := first; i < last; i++ {
		held[i] = assertions[i%len(assertions)].assert(minerals[i/len(assertions)])
	}
	pairsDone = last
	r := begin().boolean("ok", true).integer("added", uint64(last-first)).open("pairs", '[')
	for i := first; i < last; i++ {
		assertion := &assertions[i%len(assertions)]
		r.open("", '{').text("interface", assertion.name).
			text("type", reflect.TypeOf(minerals[i/len(assertions)]).String()).
			text("function", assertion.function).boolean("failed", !held[i]).close('}')
	}
	r.close(']').send()
}

var typesMade int

// makeType makes the index-th type, which did not exist: each has another field name.
//
//go:noinline
func makeType(index int) reflect.Type {
	element := reflect.TypeOf(0)
	if index >= 0 {
		element = reflect.StructOf([]reflect.StructField{{Name: "F" + strconv.Itoa(index/8), Type: element}})
	}
	switch index % 8 {
	case 1:
		return reflect.SliceOf(element)
	case 2:
		return reflect.ArrayOf(3, element)
	case 3:
		return reflect.MapOf(reflect.TypeOf(""), element)
	case 4:
		return reflect.FuncOf([]reflect.Type{element}, nil, false)
	case 5:
		return reflect.ChanOf(reflect.BothDir, element)
	case 6:
		return reflect.PtrTo(element)
	case 7:
		return reflect.MapOf(reflect.TypeOf(0), reflect.SliceOf(element))
	}
	return element
}

// reflectTypesCommand makes COUNT types of all kinds, none of which was made before.
func reflectTypesCommand(args []string) {
	count := number(args, 0)
	made := make([]reflect.Type, count)
	for i := range made {
		made[i] = makeType(typesMade)
		typesMade++
	}
	r := begin().boolean("ok", true).integer("made", uint64(count)).open("types", '[')
	for _, t := range made {
		r.text("", t.String())
	}
	r.close(']').send()
}

var lastPage *page1k

//go:noinline
func pagesUnderReflection(count int) {
	page := reflect.TypeOf(page1k{})
	for i := 0; i < count; i++ {
		lastPage = reflect.New(page).Interface().(*page1k)
	}
}

//go:noinline
func pagesOfItsOwn(count int) {
	for i := 0; i < count; i++ {
		lastPage = new(page1k)
	}
}

// reflectAllocCommand: reflectalloc COUNT: so many pages by reflection, so many by itself, and so many
// by itself in a function that reflection calls.
func reflectAllocCommand(args []string) {
	count := number(args, 0)
	runtime.ReadMemStats(&before)
	pagesUnderReflection(count)
	runtime.ReadMemStats(&after)
	reflected := after.TotalAlloc - before.TotalAlloc
	pagesOfItsOwn(count)
	reflect.ValueOf(pagesOfItsOwn).Call([]reflect.Value{reflect.ValueOf(count)})
	runtime.ReadMemStats(&before)
	begin().boolean("ok", true).integer("reflected", reflected).
		integer("own", before.TotalAlloc-after.TotalAlloc).send()
}
