package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Types whose numbers are known exactly, of several in one size class and some in none with others,
// large and tiny ones among them; kindWeights says how often in a round.
type (
	common64 struct{ words [8]uint64 }
	linked64 struct {
		next  *linked64
		words [7]uint64
	}
	odd60     struct{ bytes [60]byte }
	middle128 struct{ words [16]uint64 }
	linked120 struct {
		next  *linked120
		words [14]uint64
	}
	header1k struct {
		next  *header1k
		words [127]uint64
	} // 8 bytes of header from Go 1.22 on
	pair16   struct{ a, b uint64 }
	tiny8    struct{ word uint64 }
	tiny3    struct{ bytes [3]byte }
	large40k struct{ bytes [40000]byte }
	large90k struct {
		next  *large90k
		words [11250]uint64
	}
)

var kindSinks struct {
	common64  *common64
	linked64  *linked64
	odd60     *odd60
	middle128 *middle128
	linked120 *linked120
	header1k  *header1k
	pair16    *pair16
	tiny8     *tiny8
	tiny3     *tiny3
	large40k  *large40k
	large90k  *large90k
}

type churnKind struct {
	name    string
	weights [2]int // in a round of the first phase and of the second
	make    func()
}

var churnKinds = []churnKind{
	{"main.common64", [2]int{40, 10}, func() { kindSinks.common64 = new(common64) }},
	{"main.linked64", [2]int{20, 20}, func() { kindSinks.linked64 = new(linked64) }},
	{"main.odd60", [2]int{10, 40}, func() { kindSinks.odd60 = new(odd60) }},
	{"main.middle128", [2]int{20, 30}, func() { kindSinks.middle128 = new(middle128) }},
	{"main.linked120", [2]int{30, 10}, func() { kindSinks.linked120 = new(linked120) }},
	{"main.header1k", [2]int{8, 8}, func() { kindSinks.header1k = new(header1k) }},
	{"main.pair16", [2]int{20, 20}, func() { kindSinks.pair16 = new(pair16) }},
	{"main.tiny8", [2]int{20, 40}, func() { kindSinks.tiny8 = new(tiny8) }},
	{"main.tiny3", [2]int{20, 10}, func() { kindSinks.tiny3 = new(tiny3) }},
	{"main.large40k", [2]int{8, 8}, func() { kindSinks.large40k = new(large40k) }},
	{"main.large90k", [2]int{8, 16}, func() { kindSinks.large90k = new(large90k) }},
}

var kindCounts = make([]uint64, len(churnKinds))

// The round in an order of its own: each kind spread evenly over it.
func roundOf(phase int) (round []int) {
	total := 0
	for _, kind := range churnKinds {
		total += kind.weights[phase]
	}
	credit := make([]int, len(churnKinds))
	for len(round) < total {
		best := 0
		for i, kind := range churnKinds {
			credit[i] += kind.weights[phase]
			if credit[i] > credit[best] {
				best = i
			}
		}
		credit[best] -= total
		round = append(round, best)
	}
	return
}

func makeRound(round []int, w *worker) {
	for _, kind := range round {
		churnKinds[kind].make()
		atomic.AddUint64(&kindCounts[kind], 1)
	}
	atomic.AddUint64(&w.objects, uint64(len(round)))
}

// Between rounds it rests, so that other programs have the machine too. The second phase is three
// times as busy.
func kindsWorker(w *worker, phaseLength time.Duration) {
	rounds := [2][]int{roundOf(0), roundOf(1)}
	for begin := time.Now(); ; time.Sleep(time.Millisecond) {
		phase := 0
		if phaseLength > 0 {
			phase = int(time.Since(begin)/phaseLength) % 2
		}
		for repeat := 0; repeat < 1+2*phase; repeat++ {
			makeRound(rounds[phase], w)
		}
	}
}

func steadyKinds(w *worker) { kindsWorker(w, 0) }

func phasedKinds(w *worker) { kindsWorker(w, 300*time.Millisecond) }

// {"main.common64": 1234, ...} of all that were made since the start.
func kindsText() string {
	text := "{"
	for i, kind := range churnKinds {
		text += fmt.Sprintf("%q: %d, ", kind.name, atomic.LoadUint64(&kindCounts[i]))
	}
	return strings.TrimSuffix(text, ", ") + "}"
}
