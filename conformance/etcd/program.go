package etcd

import (
	"context"
	"fmt"
	"path/filepath"

	"kubetrace/conformance"
)

// module is etcd's server, whose root is its main package.
const module = "go.etcd.io/etcd/server/v3"

// Program is the etcd program of one release.
type Program struct {
	// Version is the module's, such as "v3.5.11".
	Version string

	path string
}

// Build builds the etcd of a release, such as "3.5.11", that a mod file in the
// folder pins: this package's own, seen from the caller's working directory.
func Build(ctx context.Context, folder, release string) (*Program, error) {
	modFile := filepath.Join(folder, "v"+release+".mod")
	version, path, err := conformance.Build(ctx, modFile, module, module, func(string) string { return "-s -w" })
	if err != nil {
		return nil, err
	}
	if version != "v"+release {
		return nil, fmt.Errorf("%s pins etcd %s: run go get -modfile=v%s.mod -tool %s@v%s there", modFile, version, release, module, release)
	}
	return &Program{Version: version, path: path}, nil
}
