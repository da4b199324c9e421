// Package etcd lets etcd itself judge what kubetrace generates for it: its
// tests start etcd of every release beside which something changed, with our
// flags and with our variables, count the spans that it sends, and give it what
// we take care not to write.
//
// Each v*.mod pins one release. To add one, write a file v3.N.P.mod with
//
//	module kubetrace/conformance/etcd-3.N.P
//
//	go 1.26.0
//
// and run here
//
//	go get -modfile=v3.N.P.mod -tool go.etcd.io/etcd/server/v3@v3.N.P
//
// then add the release to the table in releases_test.go. A build takes about 20
// seconds the first time, and the whole package less than a minute after that.
// It needs Linux.
package etcd
