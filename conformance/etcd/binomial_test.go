package etcd

import (
	"math"
	"testing"
)

// unlikely is how often a bound on each side may be wrong by chance. With some
// forty bounds in a run, one in a billion runs would be.
const unlikely = 1e-11

// binomialBounds returns the least and the most of n trials that succeed with
// probability p, but for unlikely cases.
func binomialBounds(n int, p float64) (least, most int) {
	if p == 0 || p == 1 {
		return int(p) * n, int(p) * n
	}
	below := 0.0
	for least = 0; ; least++ {
		if below += binomial(n, least, p); below > unlikely {
			break
		}
	}
	above := 0.0
	for most = n; ; most-- {
		if above += binomial(n, most, p); above > unlikely {
			break
		}
	}
	return least, most
}

// binomial is the probability that k of n trials succeed.
func binomial(n, k int, p float64) float64 {
	ways := func(n int) float64 {
		log, _ := math.Lgamma(float64(n) + 1)
		return log
	}
	return math.Exp(ways(n) - ways(k) - ways(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func TestBinomialBounds(t *testing.T) {
	if got, want := binomial(4, 1, 0.5), 0.25; math.Abs(got-want) > 1e-12 {
		t.Errorf("one of four coins: %g, want %g", got, want)
	}
	for _, test := range []struct {
		n           int
		p           float64
		least, most int
	}{
		{10, 0, 0, 0},
		{10, 1, 10, 10},
		{10, 0.5, 0, 10}, // a thousandth is not unlikely
		// 0.5^36 is 1.46e-11 and 0.5^37 is 7.3e-12.
		{36, 0.5, 0, 36},
		{37, 0.5, 1, 36},
	} {
		if least, most := binomialBounds(test.n, test.p); least != test.least || most != test.most {
			t.Errorf("%d trials of %g: got %d to %d, want %d to %d", test.n, test.p, least, most, test.least, test.most)
		}
	}
	// The normal distribution has 1e-11 beyond 6.7 standard deviations.
	least, most := binomialBounds(rootReads, 0.25)
	deviation := math.Sqrt(rootReads * 0.25 * 0.75)
	if low, high := (rootReads*0.25-float64(least))/deviation, (float64(most)-rootReads*0.25)/deviation; low < 6 || low > 7 || high < 6 || high > 7.5 {
		t.Errorf("%d to %d, which is %.1f and %.1f deviations", least, most, low, high)
	}
}
