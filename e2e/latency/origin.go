package latency

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
)

// origin says in which part of the measurement a request was sent. The spans of
// the request tell it on: it is in the trace ID, or the User-Agent.
type origin byte

// nobody is the origin of what is sent outside of the parts.
const nobody origin = 0

// originPrefix begins a trace ID that has an origin. Any other does so by a chance
// of 1 to 2^56.
const originPrefix = "\x6b\x74\x72\x61\x63\x65\x00"

// readOrigin is what a trace ID says.
func readOrigin(trace [16]byte) (origin, bool) {
	rest, found := strings.CutPrefix(string(trace[:]), originPrefix)
	if !found {
		return 0, false
	}
	return origin(rest[0]), true
}

// agentPrefix begins a User-Agent that has an origin.
const agentPrefix = "kubetrace-latency/"

// readAgent is what a User-Agent says.
func readAgent(agent string) (origin, bool) {
	number, found := strings.CutPrefix(agent, agentPrefix)
	if !found {
		return 0, false
	}
	from, err := strconv.ParseUint(number, 10, 8)
	return origin(from), err == nil
}

// call is one request, or some that belong together.
type call struct {
	// name is unique.
	name string
	// parent is its traceparent, which asks for a trace.
	// https://www.w3.org/TR/trace-context/#traceparent-header
	parent string
	// agent is its User-Agent where nobody follows a traceparent.
	agent string
}

func newCall(from origin) call {
	ids := make([]byte, 16)
	rand.Read(ids) // it never fails
	trace := append([]byte(originPrefix), byte(from))
	trace, span := append(trace, ids[:8]...), ids[8:]
	return call{
		name:   "latency-" + hex.EncodeToString(ids),
		parent: "00-" + hex.EncodeToString(trace) + "-" + hex.EncodeToString(span) + "-01",
		agent:  agentPrefix + strconv.Itoa(int(from)),
	}
}
