// Package iptables stands in for the package of that path, which kubelet 1.38 is
// linked with and the module proxy does not serve. It is a host without iptables, of
// which a kubelet says "not creating the KUBE-IPTABLES-HINT chain" and goes on.
//
// Source: pkg/kubelet/kubelet_network_linux.go of k8s.io/kubernetes v1.38.0-beta.0.
package iptables

import (
	"context"
	"time"
)

// What rules and chains are named by.
type (
	Chain        string
	Table        string
	Protocol     string
	RulePosition string
	Mode         string
)

// What the kubelet names.
const (
	UseInstalledMode Mode         = "installed"
	TableMangle      Table        = "mangle"
	TableNAT         Table        = "nat"
	TableFilter      Table        = "filter"
	ChainInput       Chain        = "INPUT"
	ChainOutput      Chain        = "OUTPUT"
	Prepend          RulePosition = "-I"
	Append           RulePosition = "-A"
)

// Interface is what the kubelet asks of an iptables.
type Interface interface {
	EnsureChain(ctx context.Context, table Table, chain Chain) (bool, error)
	EnsureRule(ctx context.Context, position RulePosition, table Table, chain Chain, args ...string) (bool, error)
	IsIPv6() bool
	Protocol() Protocol
	Monitor(ctx context.Context, canary Chain, tables []Table, reload func(), interval time.Duration)
}

// NewBestEffort returns none.
func NewBestEffort(context.Context, Mode) map[Protocol]Interface { return nil }
