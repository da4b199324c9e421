// Package crio judges what kubetrace generates for CRI-O by what of CRI-O was served to us.
//
// The proxy for modules refused its own, so that no test runs its code. (The loader of v1.36.3, built by
// hand from the repository, reads the file as the tests do.) What was served is the
// library that decodes its configuration, and the exporter that it gives the endpoint to.
// The tests decode with copies of the two structs of pkg/config/config.go, whose tags are
// the same from v1.23.0 to v1.36.0, and make the exporter and the sampler as
// internal/opentelemetry/tracing_config.go does. They prove that the file means what it
// should to a program that reads as CRI-O's source says, and not that CRI-O is one.
//
// go.mod has the libraries of CRI-O 1.36, and v1.24.mod the decoder of 1.24; that of 1.23 is
// older than what other modules of the tests require.
package crio
