//go:build !race

package kubetrace_test

// raceDetector says that tests run some ten times slower than programs do.
const raceDetector = false
