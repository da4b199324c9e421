package scenario

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kubetrace/tracing"
)

// LeaveState writes the spec of a cluster without findings, and what a person would
// collect of it for check, into a folder of its own below another, for the tests of
// package check.
func (r *Run) LeaveState(ctx context.Context, below string) error {
	collected, err := r.collect(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	controlPlane, workers := 0, 0
	for n, node := range r.Cluster.Nodes() {
		names[node.Address] = fmt.Sprintf("192.0.2.%d", n+1)
		if slices.Contains(r.Cluster.ControlPlane(), node) {
			controlPlane++
			names[node.Name] = fmt.Sprintf("cp%d", controlPlane)
		} else {
			workers++
			names[node.Name] = fmt.Sprintf("w%d", workers)
		}
	}
	files := neutral(collected, names)
	findings, err := judge(r.spec, files)
	if err := errors.Join(err, unwanted(findings)); err != nil {
		return err
	}
	spec, err := tracing.Marshal(r.spec)
	if err != nil {
		return err
	}
	files["spec.yaml"] = string(spec)
	folder := filepath.Join(below, "real-"+r.Plan.Name)
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o755)); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

var (
	uid = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)
	// pem is what a certificate or key holds.
	pem = regexp.MustCompile(`(-----BEGIN [A-Z ]+-----\s+)[A-Za-z0-9+/=\s]+?(\s+-----END )`)
	// machine is what a node says of the machine, and size how large that is. A
	// container's memory is smaller.
	machine = regexp.MustCompile(`(?m)^( +(?:kernelVersion|machineID|osImage|systemUUID): ).*$`)
	size    = regexp.MustCompile(`(?m)^( +(?:memory|ephemeral-storage): )"?[0-9]{7,}(?:Ki)?"?$`)
)

// neutral takes out of files, and their names, what tells this cluster from others:
// the nodes' names and addresses, which become others, UIDs, which are numbered, what
// certificates hold, and the machine's size and system. All else stays as kubectl has printed it.
func neutral(files, names map[string]string) map[string]string {
	var known []string
	for name := range names {
		known = append(known, regexp.QuoteMeta(name))
	}
	name := regexp.MustCompile(`\b(` + strings.Join(known, "|") + `)\b`)
	rename := func(text string) string {
		return name.ReplaceAllStringFunc(text, func(name string) string { return names[name] })
	}
	uids, all := map[string]string{}, map[string]string{}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		text := pem.ReplaceAllString(files[file], "${1}MIIB${2}")
		text = machine.ReplaceAllString(text, "${1}Linux")
		text = size.ReplaceAllString(text, "${1}16Gi")
		text = uid.ReplaceAllStringFunc(text, func(id string) string {
			if uids[id] == "" {
				uids[id] = fmt.Sprintf("00000000-0000-4000-8000-%012d", len(uids)+1)
			}
			return uids[id]
		})
		all[rename(file)] = rename(text)
	}
	return all
}
