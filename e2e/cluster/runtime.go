package cluster

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"kubetrace"
	"kubetrace/e2e/lab"
)

// runtimeFiles are where the container runtime reads files of the bundle.
var runtimeFiles = map[string]string{
	kubetrace.FileContainerd:       kubetrace.NodeFileContainerd,
	kubetrace.FileContainerdConfig: kubetrace.NodeFileContainerdConfig,
}

// installRuntime gives a node's container runtime the files of a bundle, or takes away
// what a bundle does not have, and restarts it where something has changed, as the
// run-book says.
func (c *Cluster) installRuntime(ctx context.Context, node *lab.Node, bundle fs.FS) error {
	changed := false
	for name, file := range runtimeFiles {
		old, err := node.ReadFile(file)
		there := err == nil
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		var text []byte
		wanted := false
		if bundle != nil {
			text, err = fs.ReadFile(bundle, name)
			if wanted = err == nil; err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		switch {
		case wanted && (!there || string(old) != string(text)):
			if _, err := node.Output(ctx, "mkdir", "-p", path.Dir(file)); err != nil {
				return err
			}
			if err := node.WriteFile(file, text, 0o644); err != nil {
				return err
			}
		case there && !wanted:
			if _, err := node.Output(ctx, "rm", file); err != nil {
				return err
			}
		default:
			continue
		}
		changed = true
	}
	if !changed {
		return nil
	}
	c.options.Log("restarting containerd of %s with its new settings", node.Name)
	return c.RestartContainerd(ctx, node)
}
