// Package containerd lets containerd itself judge what kubetrace generates for it: its
// tests start containerd of each side of each boundary of the library's table, with the
// variables or the tables that are generated, call it as a kubelet does that has or has
// not sampled a call, and count the spans that it sends. They also give it the form that
// it does not read, and see that it sends nothing, and the releases of 1.x a config.toml
// that is newer than they know. systemd-analyze verify reads the generated drop-in; no
// systemd starts a service with it here.
//
// The daemon is whole but for the CRI plugin, which is not built in: it needs cgroups and
// a runtime. The call is Version of containerd's own API, which the same gRPC server
// traces as those of the CRI; the clusters of e2e have the CRI's.
//
// Each v*.mod pins one release. To add one, write a file v2.N.P.mod with
//
//	module kubetrace/conformance/containerd-2.N.P
//
//	go 1.26.0
//
// and run here
//
//	go get -modfile=v2.N.P.mod -tool github.com/containerd/containerd/v2/cmd/containerd@v2.N.P
//
// (without /v2 for 1.6 and 1.7), then add the release to the table in releases_test.go. A
// build takes a minute or two the first time. It needs Linux, root and systemd-analyze (of the package systemd).
package containerd
