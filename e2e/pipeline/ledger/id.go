package ledger

import "encoding/binary"

// The finalizer of splitmix64, of which every step can be undone.
// https://prng.di.unimi.it/splitmix64.c
const (
	first, firstUndone   = 0xbf58476d1ce4e5b9, 0x96de1b173f119089
	second, secondUndone = 0x94d049bb133111eb, 0x319642b2d24d8ec3
)

// scramble makes a number look random, and no two numbers the same.
func scramble(n uint64) uint64 {
	n = (n ^ n>>30) * first
	n = (n ^ n>>27) * second
	return n ^ n>>31
}

func unscramble(n uint64) uint64 {
	n = (n ^ n>>31 ^ n>>62) * secondUndone
	n = (n ^ n>>27 ^ n>>54) * firstUndone
	return n ^ n>>30 ^ n>>60
}

// runBits is how much of a span id says which run it is of.
const runBits = 24

// PutID writes the id of a span.
func (l *Ledger) PutID(id []byte, number uint64) {
	binary.BigEndian.PutUint64(id, scramble(l.run<<(64-runBits)|number))
}

// number is that of an id, or false where the id is of another run.
func (l *Ledger) number(id []byte) (uint64, bool) {
	n := unscramble(binary.BigEndian.Uint64(id))
	return n << runBits >> runBits, n>>(64-runBits) == l.run
}
