package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScramble(t *testing.T) {
	for range 100_000 {
		n := rand.Uint64()
		if got := unscramble(scramble(n)); got != n {
			t.Fatalf("%x became %x and %x", n, scramble(n), got)
		}
	}
}

// ids are those of spans by their numbers.
func ids(l *Ledger, numbers ...uint64) (all [][]byte) {
	for _, number := range numbers {
		id := make([]byte, 8)
		l.PutID(id, number)
		all = append(all, id)
	}
	return all
}

func TestCounts(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(*Ledger)
		want Counts
	}{
		{"nothing", func(*Ledger) {}, Counts{}},
		{"issued only", func(l *Ledger) { l.Issue(3) }, Counts{}},
		{"on the way", func(l *Ledger) { l.Send(l.Issue(3), 3) }, Counts{Sent: 3}},
		{"lost", func(l *Ledger) {
			first := l.Issue(3)
			l.Send(first, 3)
			l.Acknowledge(first, 3)
			l.Arrive(ids(l, 0, 2))
		}, Counts{Sent: 3, Acknowledged: 3, Delivered: 2, Lost: 1}},
		{"given up, and there all the same", func(l *Ledger) {
			first := l.Issue(2)
			l.Send(first, 2)
			l.GiveUp(first, 2)
			l.Arrive(ids(l, 1))
		}, Counts{Sent: 2, GivenUp: 2, Delivered: 1, Unsaid: 1}},
		{"three times", func(l *Ledger) {
			first := l.Issue(1)
			l.Send(first, 1)
			l.Acknowledge(first, 1)
			l.Arrive(ids(l, 0, 0))
			l.Arrive(ids(l, 0))
		}, Counts{Sent: 1, Acknowledged: 1, Delivered: 1, Doubled: 2}},
		{"of another run", func(l *Ledger) {
			other := &Ledger{run: l.run ^ 1}
			other.Issue(1)
			l.Arrive(append(ids(other, 0), ids(l, 7)...))
		}, Counts{Foreign: 2}},
		{"more than a page", func(l *Ledger) {
			l.Issue(page - 1)
			first := l.Issue(page + 2)
			l.Send(first, page+2)
			l.Acknowledge(first, page+2)
			l.Arrive(ids(l, page-1, 2*page))
		}, Counts{Sent: page + 2, Acknowledged: page + 2, Delivered: 2, Lost: page}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := New()
			test.do(l)
			if diff := cmp.Diff(test.want, l.Counts()); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestQuiet has a copy come while it waits.
func TestQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New()
		first := l.Issue(1)
		l.Send(first, 1)
		l.Acknowledge(first, 1)
		l.Arrive(ids(l, first))
		time.AfterFunc(7*time.Second, func() { l.Arrive(ids(l, first)) })
		if err := l.Quiet(t.Context(), 10*time.Second); err != nil {
			t.Fatal(err)
		}
		if now := l.Now(); now < 17*time.Second || now > 18*time.Second {
			t.Errorf("it waited until %s, and the copy came after 7 s", now)
		}
		if got := l.Counts().Doubled; got != 1 {
			t.Errorf("%d copies were counted, want 1", got)
		}
		l.Arrive(ids(l, first))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Quiet(ctx, 10*time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it was ended, and says %v", err)
		}
	})
}
