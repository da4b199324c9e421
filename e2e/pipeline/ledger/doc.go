// Package ledger knows, of every span of a run, when it was first sent, what its
// sender was told, and how often and when it arrived, so that what is lost or
// doubled is counted and not estimated.
//
// A span's id is its number, in a form that is as hard to compress as a random
// one.
package ledger
