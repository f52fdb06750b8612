package main

import "runtime"

var stats runtime.MemStats

// memstats reports each field under its own name; collection of statistics stops the world, so the
// numbers fit together.
func memstats(args []string) {
	runtime.ReadMemStats(&stats)
	r := begin().boolean("ok", true)
	for _, field := range []struct {
		name  string
		value uint64
	}{
		{"Alloc", stats.Alloc}, {"TotalAlloc", stats.TotalAlloc}, {"Sys", stats.Sys},
		{"Lookups", stats.Lookups}, {"Mallocs", stats.Mallocs}, {"Frees", stats.Frees},
		{"HeapAlloc", stats.HeapAlloc}, {"HeapSys", stats.HeapSys}, {"HeapIdle", stats.HeapIdle},
		{"HeapInuse", stats.HeapInuse}, {"HeapReleased", stats.HeapReleased},
		{"HeapObjects", stats.HeapObjects}, {"StackInuse", stats.StackInuse},
		{"StackSys", stats.StackSys}, {"MSpanInuse", stats.MSpanInuse}, {"MSpanSys", stats.MSpanSys},
		{"MCacheInuse", stats.MCacheInuse}, {"MCacheSys", stats.MCacheSys},
		{"BuckHashSys", stats.BuckHashSys}, {"GCSys", stats.GCSys}, {"OtherSys", stats.OtherSys},
		{"NextGC", stats.NextGC}, {"LastGC", stats.LastGC}, {"PauseTotalNs", stats.PauseTotalNs},
		{"NumGC", uint64(stats.NumGC)}, {"NumForcedGC", uint64(stats.NumForcedGC)},
	} {
		r.integer(field.name, field.value)
	}
	r.fraction("GCCPUFraction", stats.GCCPUFraction)
	r.boolean("EnableGC", stats.EnableGC)
	r.open("PauseNs", '[')
	for _, pause := range stats.PauseNs {
		r.integer("", pause)
	}
	r.close(']').open("PauseEnd", '[')
	for _, end := range stats.PauseEnd {
		r.integer("", end)
	}
	r.close(']').open("BySize", '[')
	for _, class := range stats.BySize {
		r.open("", '[').integer("", uint64(class.Size)).integer("", class.Mallocs).integer("", class.Frees).close(']')
	}
	r.close(']').send()
}

func readStats(args []string) {
	for i := 0; i < number(args, 0); i++ {
		runtime.ReadMemStats(&stats)
	}
	begin().boolean("ok", true).send()
}
