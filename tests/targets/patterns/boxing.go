package main

// Measurement has 24 bytes, a pointer among them; its fields are boxed by themselves as well.
type Measurement struct {
	Sensor string
	Value  int64
}

// Series has 48 bytes without pointers, and methods: what boxes it is not the empty interface.
type Series [6]int64

type Summer interface{ Sum() int64 }

func (s Series) Sum() (sum int64) {
	for _, value := range s {
		sum += value
	}
	return sum
}

const keptMeasurements = 1024

// A ring of anything: each value that is put into it is allocated for the interface's sake.
type anyRing struct {
	slots [keptMeasurements]interface{}
	next  int
}

//go:noinline
func (r *anyRing) put(value interface{}) {
	r.slots[r.next] = value
	r.next = (r.next + 1) % keptMeasurements
}

// A ring of one type each, which is a constrained type parameter: values are stored where they are.
type typedRing[T Measurement | string | int64 | Series] struct {
	slots [keptMeasurements]T
	next  int
}

//go:noinline
func (r *typedRing[T]) put(value T) {
	r.slots[r.next] = value
	r.next = (r.next + 1) % keptMeasurements
}

var (
	boxes        anyRing
	summer       Summer
	measurements typedRing[Measurement]
	sensors      typedRing[string]
	values       typedRing[int64]
	series       typedRing[Series]
	sensorNames  = [4]string{"inlet", "outlet", "ambient", "exhaust"}
)

// Large enough that the runtime has no such number ready in a table of its own (below 256).
func measure(n uint64) Measurement {
	return Measurement{Sensor: sensorNames[n%4], Value: int64(n) + 1000}
}

func boxMeasurements(n uint64) {
	m := measure(n)
	boxes.put(m)
	boxes.put(m.Sensor)
	boxes.put(m.Value)
	summer = Series{m.Value, 1}
	truth.Boxed += 4
	truth.BoxedBytes += 24 + 16 + 8 + 48
}

func keepMeasurements(n uint64) {
	m := measure(n)
	measurements.put(m)
	sensors.put(m.Sensor)
	values.put(m.Value)
	series.put(Series{m.Value, 1})
}
