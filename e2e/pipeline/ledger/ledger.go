package ledger

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Ledger is the book of one run. Its methods may be called at once.
type Ledger struct {
	run   uint64
	began time.Time

	mu      sync.Mutex
	pages   [][]span
	numbers uint64
	foreign int
	latest  time.Time
	// open is how many spans have neither arrived nor been given up.
	open int
	// closed is closed, and made anew, when there are fewer.
	closed chan struct{}
}

// span is what is known of one. The times are microseconds since the run began.
type span struct {
	sent, arrived uint32
	times         uint16
	fate          fate
}

// fate is what its sender knows of a span.
type fate uint8

const (
	issued fate = iota
	sent
	acknowledged
	givenUp
)

// page is how many spans are allocated at once.
const page = 1 << 16

// New begins a run.
func New() *Ledger {
	return &Ledger{run: 1 + rand.Uint64N(1<<runBits-1), began: time.Now(), closed: make(chan struct{})}
}

// Issue returns the first of n new numbers.
func (l *Ledger) Issue(n int) (first uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first = l.numbers
	l.numbers += uint64(n)
	for uint64(len(l.pages))*page < l.numbers {
		l.pages = append(l.pages, make([]span, page))
	}
	return first
}

func (l *Ledger) at(number uint64) *span { return &l.pages[number/page][number%page] }

// Now is how long the run lasts already.
func (l *Ledger) Now() time.Duration { return time.Since(l.began) }

func (l *Ledger) now() uint32 { return uint32(time.Since(l.began).Microseconds()) }

// Send notes that n spans are about to be sent for the first time.
func (l *Ledger) Send(first uint64, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for i := range uint64(n) {
		s := l.at(first + i)
		s.sent, s.fate = now, sent
	}
	l.open += n
}

// Acknowledge notes that the receiver has taken n spans.
func (l *Ledger) Acknowledge(first uint64, n int) { l.decide(first, n, acknowledged) }

// GiveUp notes that n spans are not sent again.
func (l *Ledger) GiveUp(first uint64, n int) { l.decide(first, n, givenUp) }

func (l *Ledger) decide(first uint64, n int, to fate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range uint64(n) {
		s := l.at(first + i)
		if to == givenUp && s.times == 0 {
			l.open--
		}
		s.fate = to
	}
	if to == givenUp {
		l.fewer()
	}
}

// Arrive notes that spans have arrived, by their ids.
func (l *Ledger) Arrive(ids [][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.latest = time.Now()
	for _, id := range ids {
		number, ours := l.number(id)
		if !ours || number >= l.numbers {
			l.foreign++
			continue
		}
		s := l.at(number)
		if s.times == 0 {
			s.arrived = now
			if s.fate != givenUp {
				l.open--
			}
		}
		s.times++
	}
	l.fewer()
}

// fewer tells those who wait that fewer spans are open.
func (l *Ledger) fewer() {
	close(l.closed)
	l.closed = make(chan struct{})
}

// Open is how many spans have neither arrived nor been given up, and a channel
// that is closed when there may be fewer.
func (l *Ledger) Open() (int, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open, l.closed
}
