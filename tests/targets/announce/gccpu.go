package main

import "runtime/metrics"

// In the order of the samples.
var cpuClasses = []string{"assist_ns", "dedicated_ns", "idle_ns", "pause_ns", "gc_total_ns", "scavenge_ns",
	"idle_time_ns", "user_ns", "total_ns"}

var cpuSamples = []metrics.Sample{
	{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"},
	{Name: "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
	{Name: "/cpu/classes/gc/mark/idle:cpu-seconds"},
	{Name: "/cpu/classes/gc/pause:cpu-seconds"},
	{Name: "/cpu/classes/gc/total:cpu-seconds"},
	{Name: "/cpu/classes/scavenge/total:cpu-seconds"},
	{Name: "/cpu/classes/idle:cpu-seconds"},
	{Name: "/cpu/classes/user:cpu-seconds"},
	{Name: "/cpu/classes/total:cpu-seconds"},
}

// gccpu gives what runtime/metrics says of CPU time, in whole nanoseconds; nothing before Go 1.20.
func gccpu(args []string) {
	metrics.Read(cpuSamples)
	r := begin().boolean("ok", true)
	for i, sample := range cpuSamples {
		if sample.Value.Kind() == metrics.KindFloat64 {
			r.integer(cpuClasses[i], uint64(sample.Value.Float64()*1e9+0.5))
		}
	}
	r.send()
}
