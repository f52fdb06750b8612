package main

import (
	"fmt"
	"reflect"
	"unsafe"
)

var lastValue interface{}

// The numbers that reflect gives to names and types of its own run downwards from -1 (reflect's
// addReflectOff). A type made last carries the lowest one as its name's, at this offset of its
// descriptor in every version (internal/abi Type.Str).
const nameOffset = 40

func lowestNumber(made reflect.Type) uint64 {
	words := (*[2]unsafe.Pointer)(unsafe.Pointer(&made))
	number := *(*int32)(unsafe.Pointer(uintptr(words[1]) + nameOffset))
	if number >= 0 {
		panic("a type of the binary's own")
	}
	return uint64(-int64(number))
}

func fields(name string) []reflect.StructField {
	return []reflect.StructField{
		{Name: name, Type: reflect.TypeOf(0)},
		{Name: "Text", Type: reflect.TypeOf("")},
	}
}

// What a decoder does that builds a type for each message it gets.
func makeTypes(n uint64) {
	made := reflect.StructOf(fields(fmt.Sprintf("Field%d", n)))
	table := reflect.MapOf(reflect.TypeOf(""), made)
	handler := reflect.FuncOf([]reflect.Type{table}, []reflect.Type{reflect.TypeOf(false)}, false)
	lastValue = handler
	truth.TypesMade += 3
	truth.ReflectNumbers = lowestNumber(handler)
}

// The same, of one shape: reflect finds what it has made before.
func reuseType(n uint64) {
	made := reflect.StructOf(fields(fmt.Sprintf("Field%d", n%1)))
	table := reflect.MapOf(reflect.TypeOf(""), made)
	lastValue = reflect.FuncOf([]reflect.Type{table}, []reflect.Type{reflect.TypeOf(false)}, false)
}

// Before heaptap comes.
func init() { reuseType(0) }
