// Package jaeger judges the development backend by Jaeger itself: the program of
// each major release, both built from one module, is started with the generated
// arguments and environment, answers its probe, takes spans on the port of the
// Service and keeps no more traces than it was told.
//
// The module that holds Jaeger 2 is that of Jaeger 1, whose last version both
// share: v1.76.0 is Jaeger 2.13.0 too. Its pages are not in the module: a Jaeger
// that is built from it answers its API, and a placeholder in their place.
package jaeger
