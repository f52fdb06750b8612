package main

import (
	"os"
	"strconv"
	"unsafe"
)

// A reply is built in one fixed buffer, since a program that allocates while it says what it
// allocated would be wrong.
type reply struct {
	room  [1 << 20]byte
	out   []byte
	comma bool
}

var answer reply

func borrow(b []byte) string { return *(*string)(unsafe.Pointer(&b)) }

func begin() *reply {
	answer.out = append(answer.room[:0], '{')
	answer.comma = false
	return &answer
}

func (r *reply) separate() {
	if r.comma {
		r.out = append(r.out, ", "...)
	}
	r.comma = true
}

func (r *reply) key(name string) *reply {
	r.separate()
	if name != "" {
		r.out = strconv.AppendQuote(r.out, name)
		r.out = append(r.out, ": "...)
	}
	return r
}

func (r *reply) integer(name string, value uint64) *reply {
	r.key(name)
	r.out = strconv.AppendUint(r.out, value, 10)
	return r
}

func (r *reply) signed(name string, value int64) *reply {
	r.key(name)
	r.out = strconv.AppendInt(r.out, value, 10)
	return r
}

func (r *reply) fraction(name string, value float64) *reply {
	r.key(name)
	r.out = strconv.AppendFloat(r.out, value, 'g', -1, 64)
	return r
}

func (r *reply) boolean(name string, value bool) *reply {
	r.key(name)
	r.out = strconv.AppendBool(r.out, value)
	return r
}

func (r *reply) text(name, value string) *reply {
	r.key(name)
	r.out = strconv.AppendQuote(r.out, value)
	return r
}

// open begins a nested list or object; bracket is '[' or '{'.
func (r *reply) open(name string, bracket byte) *reply {
	r.key(name)
	r.out = append(r.out, bracket)
	r.comma = false
	return r
}

func (r *reply) close(bracket byte) *reply {
	r.out = append(r.out, bracket)
	r.comma = true
	return r
}

func (r *reply) send() {
	r.out = append(r.out, "}\n"...)
	for rest := r.out; len(rest) > 0; {
		n, err := os.Stdout.Write(rest)
		if err != nil {
			os.Exit(1)
		}
		rest = rest[n:]
	}
}

func replyError(text string) {
	begin().boolean("ok", false).text("error", text).send()
}
