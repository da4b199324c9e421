package conformance

import (
	"bytes"
	"sync"
)

// Printed collects what a process prints while others read it.
type Printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends.
func (p *Printed) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(text)
}

// String returns all that was printed so far.
func (p *Printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}
