package main

import (
	"fmt"
	"math/rand"
	"runtime"
	"time"
)

const (
	requestsPerTick = 55
	tick            = 25 * time.Millisecond
	warmUpRequests  = 40000
	users           = 5000
	products        = 800
)

// LoadGenerator is the shop's customers: a steady, modest stream of requests.
type LoadGenerator struct {
	storefront *Storefront
	random     *rand.Rand
	limit      uint64
	served     uint64
}

func NewLoadGenerator(storefront *Storefront, limit uint64) *LoadGenerator {
	return &LoadGenerator{storefront: storefront, random: rand.New(rand.NewSource(1)), limit: limit}
}

func (g *LoadGenerator) newTraceID() string {
	return fmt.Sprintf("%016x%016x", g.random.Uint64(), g.random.Uint64())
}

func (g *LoadGenerator) request() error {
	skus := make([]string, 3)
	for i := range skus {
		skus[i] = fmt.Sprintf("SKU-%05d", g.random.Intn(products))
	}
	g.served++
	return g.storefront.HandlePage(uint64(g.random.Intn(users)+1), g.newTraceID(), skus)
}

func (g *LoadGenerator) burst(requests int) error {
	for i := 0; i < requests; i++ {
		if err := g.request(); err != nil {
			return err
		}
	}
	return nil
}

// restartGrowth empties the cache when the service has grown to its limit, so that the demo can be
// left running: what stands for the restarts that hide such a leak in production.
func (g *LoadGenerator) restartGrowth() {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	if stats.HeapAlloc > g.limit {
		g.storefront.profiles.Clear()
		runtime.GC()
	}
}

// Run serves until there is an error. It begins with what an hour of traffic would have left.
func (g *LoadGenerator) Run() error {
	if err := g.burst(warmUpRequests); err != nil {
		return err
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for ticks := 0; ; ticks++ {
		<-ticker.C
		if err := g.burst(requestsPerTick); err != nil {
			return err
		}
		if ticks%200 == 0 {
			g.restartGrowth()
		}
	}
}
