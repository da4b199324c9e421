// Package sink is an OTLP/gRPC backend that counts: every span that arrives is
// noted in a ledger, and every request with its bytes. It can be away, slow or
// refusing.
package sink
