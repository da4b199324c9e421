package pipeline

import (
	"fmt"
	"net"
	"strings"

	"kubetrace/gateway"
	"kubetrace/tracing"
)

// oursGateway is the library's gateway. It answers when the backend has answered.
var oursGateway = Config{
	Name: "gateway",
	text: func(place Place) (string, error) {
		r, err := resolveGateway(place)
		if err != nil {
			return "", err
		}
		host, port, err := net.SplitHostPort(place.Metrics)
		if err != nil {
			return "", err
		}
		// The ports of its pod are its own there, and shared here.
		return strings.NewReplacer(
			fmt.Sprintf("endpoint: :%d\n", tracing.GatewayPort), fmt.Sprintf("endpoint: %s\n", place.Receiver),
			"endpoint: :13133\n", fmt.Sprintf("endpoint: %s\n", place.Health),
			"host: 127.0.0.1\n", fmt.Sprintf("host: %s\n", host),
			"port: 8888\n", fmt.Sprintf("port: %s\n", port),
		).Replace(gateway.ConfigMapFor(r).Data["config.yaml"]), nil
	},
	env: func(place Place) []string {
		r, err := resolveGateway(place)
		if err != nil {
			return nil // text says so
		}
		var env []string
		for _, variable := range gateway.DeploymentFor(r).Spec.Template.Spec.Containers[0].Env {
			env = append(env, variable.Name+"="+variable.Value)
		}
		return env
	},
}

// resolveGateway is the spec of a place, with a gateway of its memory.
func resolveGateway(place Place) (tracing.Resolved, error) {
	spec, err := specOf(place, tracing.QueueSpec{})
	if err != nil {
		return tracing.Resolved{}, err
	}
	spec.Gateway = &tracing.GatewaySpec{Resources: spec.Collector.Resources}
	return tracing.Resolve(spec)
}
