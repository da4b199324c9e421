//go:build k8s1.28

package main

// validateConfig is stricter than init: it refuses unknown and duplicate fields.
func validateConfig(file string) error { return run("config", "validate", "--config", file) }
