//go:build !k8s1.25

package main

import (
	"go.opentelemetry.io/otel/trace"
	"k8s.io/apiserver/pkg/server"
)

func providerOf(config *server.Config) trace.TracerProvider { return *config.TracerProvider }
