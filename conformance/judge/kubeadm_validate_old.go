//go:build k8s1.26 && !k8s1.28

package main

// validateConfig has no command yet. What it refuses later, init logs.
func validateConfig(string) error { return nil }
