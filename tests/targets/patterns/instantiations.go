package main

var filled interface{}

// fill allocates a T. Each length of array is a shape of its own, for which the compiler makes fill
// anew.
//
//go:noinline
func fill[T any]() {
	filled = new(T)
}

var many = []func(){
	fill[[1]int64], fill[[2]int64], fill[[3]int64], fill[[4]int64], fill[[5]int64],
	fill[[6]int64], fill[[7]int64], fill[[8]int64], fill[[9]int64], fill[[10]int64],
	fill[[11]int64], fill[[12]int64], fill[[13]int64], fill[[14]int64], fill[[15]int64],
	fill[[16]int64], fill[[17]int64], fill[[18]int64], fill[[19]int64], fill[[20]int64],
	fill[[21]int64], fill[[22]int64], fill[[23]int64], fill[[24]int64], fill[[25]int64],
	fill[[26]int64], fill[[27]int64], fill[[28]int64], fill[[29]int64], fill[[30]int64],
	fill[[31]int64], fill[[32]int64], fill[[33]int64], fill[[34]int64], fill[[35]int64],
	fill[[36]int64], fill[[37]int64], fill[[38]int64], fill[[39]int64], fill[[40]int64],
	fill[[41]int64], fill[[42]int64], fill[[43]int64], fill[[44]int64], fill[[45]int64],
	fill[[46]int64], fill[[47]int64], fill[[48]int64], fill[[49]int64], fill[[50]int64],
}

var called [64]bool

func call(index int) {
	many[index]()
	if !called[index] {
		called[index] = true
		truth.Instantiations++
	}
}

func fillMany(n uint64) { call(int(n) % len(many)) }

func fillOne(n uint64) { call(len(many) / 2) }
