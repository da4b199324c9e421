// Package jaeger judges the development backend by Jaeger itself: the all-in-one
// program, built from its module, is started with the generated arguments and
// environment, answers its probe, takes spans on the port of the Service and
// keeps no more traces than it was told.
//
// Jaeger 2.x cannot be built from its module: it requires modules that are not
// published. Its settings are taken from its source.
package jaeger
