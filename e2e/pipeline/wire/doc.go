// Package wire reads and sends OTLP trace requests as the bytes that they are on
// the wire, so that whoever makes or counts them costs less than what is
// measured.
package wire
