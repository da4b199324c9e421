package kubetrace_test

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/internal/edit"
	"kubetrace/internal/readback"
	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

// The verbs have to agree on every document. What follows asks two of them the same
// and fails where their answers differ.

// corpusFile is a document, or a stream of them, as somebody wrote it.
type corpusFile struct {
	// name says where it is, "kubeadm/flow.yaml".
	name string
	text []byte
	// fits are the releases that it was written for, and spec the rest of the spec.
	fits []string
	spec tracing.TracingSpec
}

// at is the file's spec for a release.
func (f corpusFile) at(release string) tracing.TracingSpec {
	spec := *f.spec.DeepCopy()
	spec.KubernetesVersion = release
	return spec
}

// corpus are all files that are edited in tests: of kubeadm, kubelets, kind and static
// pods.
func corpus(t testing.TB) []corpusFile {
	t.Helper()
	var all []corpusFile
	indexes, err := filepath.Glob("apply/testdata/corpus/*/index.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range indexes {
		var entries []struct {
			File, From, To, What string
			Spec                 tracing.TracingSpec
		}
		if err := yaml.UnmarshalStrict([]byte(readFile(t, index)), &entries); err != nil {
			t.Fatal(err)
		}
		folder := filepath.Dir(index)
		for _, e := range entries {
			f := corpusFile{name: filepath.Base(folder) + "/" + e.File, text: []byte(readFile(t, filepath.Join(folder, e.File))), spec: e.Spec}
			within := false
			for _, release := range releases() {
				within = within || release == e.From
				if within {
					f.fits = append(f.fits, release)
				}
				within = within && release != e.To
			}
			all = append(all, f)
		}
	}
	examples, err := filepath.Glob("examples/kind/testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range examples {
		all = append(all, corpusFile{name: name, text: []byte(readFile(t, name)), fits: releases()})
	}
	if len(all) < 130 {
		t.Fatalf("there are only %d files", len(all))
	}
	return all
}

// releases are all minor releases of Kubernetes, oldest first.
func releases() []string {
	var all []string
	for _, release := range tracing.Releases() {
		all = append(all, release.Kubernetes)
	}
	return all
}

// sampled are all releases, or a few where tests run slowly.
func sampled() []string {
	if raceDetector || testing.Short() {
		return []string{"1.22", "1.26", "1.31", "1.37"}
	}
	return releases()
}

func resolve(t testing.TB, spec tracing.TracingSpec) tracing.Resolved {
	t.Helper()
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// laid are the options with which documents are edited here.
var laid = apply.Options{HostDir: "/srv/bundle"}

// lay applies a spec to a stream, and says what is wrong with the result: applying again
// has to change nothing, and an error has to have a type. refused is apply's error.
func lay(r tracing.Resolved, text []byte, options apply.Options) (result apply.Result, refused error, err error) {
	result, refused = apply.DocumentsFor(r, text, options)
	if refused != nil {
		if result.Text != nil {
			return result, refused, fmt.Errorf("a text beside the error %w", refused)
		}
		if len(faults(refused)) == 0 {
			return result, refused, fmt.Errorf("an error of no type: %w", refused)
		}
		return result, refused, nil
	}
	again, err := apply.DocumentsFor(r, result.Text, options)
	switch {
	case err != nil:
		return result, nil, fmt.Errorf("the second time: %w\n%s", err, result.Text)
	case len(again.Receipt.Edits) > 0 || len(again.Replaced) > 0 || !bytes.Equal(again.Text, result.Text):
		return result, nil, fmt.Errorf("the second time it edits %+v and replaces %+v of\n%s", again.Receipt.Edits, again.Replaced, result.Text)
	}
	return result, nil, untouched(r, result.Text, options)
}

// untouched says whether the editor finds nothing more to do in a stream.
func untouched(r tracing.Resolved, text []byte, options apply.Options) error {
	for i, tree := range trees(text) {
		_, report, known := edit.Document(r, tree, edit.Options{Overwrite: options.Overwrite, HostDir: options.HostDir, TracingFile: kubetrace.FileTracingConfiguration})
		if known && len(report.Added)+len(report.Replaced)+len(report.Problems) > 0 {
			return fmt.Errorf("document %d still has to change: %+v", i, report)
		}
	}
	return nil
}

// trees are the documents of a stream, as YAML says.
func trees(text []byte) []map[string]any {
	documents, err := readback.Documents(text)
	if err != nil {
		return nil // JSON documents behind each other, which apply reads
	}
	var all []map[string]any
	for _, document := range documents {
		var tree map[string]any
		if yaml.Unmarshal(document, &tree) == nil {
			all = append(all, tree)
		}
	}
	return all
}

// faults are the settings that apply's error names, of each of what it joins.
func faults(err error) []string {
	var all []string
	var walk func(error)
	walk = func(err error) {
		switch err := err.(type) {
		case *apply.ConflictError:
			all = append(all, err.Setting)
		case *apply.DocumentError:
			all = append(all, err.Setting)
		case *apply.UnreadableAPIError:
			all = append(all, "apiVersion")
		case *apply.SyntaxError:
			all = append(all, "")
		case interface{ Unwrap() []error }:
			for _, each := range err.Unwrap() {
				walk(each)
			}
		}
	}
	walk(err)
	return all
}

// somewhere are the releases at which a file is edited: all that it fits, and others in
// which it is refused, or changed by what they take no more.
func (f corpusFile) somewhere() []string {
	if raceDetector || testing.Short() {
		return []string{f.fits[0], f.fits[len(f.fits)-1]}
	}
	return releases()
}

// TestLawTwiceIsOnce says that applying to what was applied changes nothing, and that
// platform/kind makes the same cluster of a typed one.
func TestLawTwiceIsOnce(t *testing.T) {
	done, clusters := 0, 0
	for _, f := range corpus(t) {
		for _, release := range f.somewhere() {
			r, err := tracing.Resolve(f.at(release))
			if err != nil {
				continue // an etcd that this release does not run
			}
			for _, overwrite := range []bool{false, true} {
				options := laid
				options.Overwrite = overwrite
				_, refused, err := lay(r, f.text, options)
				if err != nil {
					t.Errorf("%s at %s, overwrite %t: %v", f.name, release, overwrite, err)
				}
				if refused == nil {
					done++
				}
			}
			if isCluster(f.text) {
				clusters++
				if err := sameCluster(r, f.text); err != nil {
					t.Errorf("%s at %s: %v", f.name, release, err)
				}
			}
		}
	}
	t.Logf("%d streams were edited, %d clusters compared", done, clusters)
	if done < 500 || clusters < 40 {
		t.Errorf("%d streams were edited and %d clusters compared, which tests too little", done, clusters)
	}
}

// unusualForm is in the errors of texts whose YAML is written so that apply does not edit
// it in place, whatever it says.
var unusualForm = regexp.MustCompile(`the dash of this item is not found|this form of YAML cannot be edited in place|where this (value )?ends is not clear|written in a way that is not understood|two edits meet here`)

// isCluster says whether kind reads a stream: it reads the first document alone.
func isCluster(text []byte) bool {
	all := trees(text)
	if len(all) == 0 {
		return false
	}
	apiVersion, _ := all[0]["apiVersion"].(string)
	return all[0]["kind"] == "Cluster" && !strings.HasPrefix(apiVersion, "cluster.x-k8s.io/") // which is Cluster API's
}

// sameCluster says whether kind.Cluster makes of a typed cluster what apply makes of its
// text, or both refuse it for the same settings.
func sameCluster(r tracing.Resolved, text []byte) error {
	base, unread := kind.Load(text)
	ours, wrong := apply.DocumentsFor(r, text, laid)
	if unread != nil {
		if wrong == nil {
			return fmt.Errorf("kind does not read what apply edits: %w", unread)
		}
		return nil
	}
	if wrong != nil && unusualForm.MatchString(wrong.Error()) {
		return nil // a typed cluster has no form
	}
	theirs, refused := kind.ClusterFor(r, base, laid.HostDir)
	if (wrong != nil) != (refused != nil) {
		return fmt.Errorf("apply says %v, and kind.Cluster %v", wrong, refused)
	}
	if refused != nil {
		return sameFaults(wrong, refused)
	}
	cluster, err := kind.Load(ours.Text)
	if err != nil {
		return fmt.Errorf("kind does not read what apply made: %w", err)
	}
	if diff := cmp.Diff(theirs, cluster, cmpopts.EquateEmpty()); diff != "" {
		return fmt.Errorf("apply and kind.Cluster make other clusters (-kind +apply):\n%s", diff)
	}
	return nil
}

// sameFaults says whether apply's error and that of kind.Cluster name the same settings
// in the same order.
func sameFaults(wrong, refused error) error {
	var invalid *kind.InvalidClusterError
	if !errors.As(refused, &invalid) {
		return fmt.Errorf("kind.Cluster's error has no type: %w", refused)
	}
	ours, same := faults(wrong), true
	for i, setting := range ours {
		same = same && i < len(invalid.Errors) && names(invalid.Errors[i], setting)
	}
	if !same || len(ours) != len(invalid.Errors) {
		return fmt.Errorf("apply refuses for %q: %w\nand kind.Cluster: %w", ours, wrong, refused)
	}
	return nil
}

// names says whether an error of a field is about a setting.
func names(problem *field.Error, setting string) bool {
	at := strings.NewReplacer("featureGates[", "featureGates.", "]", "").Replace(problem.Field)
	return strings.ReplaceAll(setting, "]", "") == at || strings.HasPrefix(problem.Detail, setting+" ") || strings.HasPrefix(problem.Detail, setting+":")
}

// generated are the specs that the laws of what Generate makes are judged with.
func generated(release string) map[string]tracing.TracingSpec {
	rate := int32(250)
	all := map[string]tracing.TracingSpec{
		"plain":    {KubernetesVersion: release},
		"socket":   {KubernetesVersion: release, Endpoint: "unix-abstract:///kubetrace", SamplingRatePerMillion: &rate},
		"own file": {KubernetesVersion: release, APIServer: tracing.APIServerSpec{ConfigFile: "/srv/a.yaml", SamplingRatePerMillion: &rate}},
		"member":   {KubernetesVersion: release, Etcd: tracing.EtcdSpec{InstanceID: "a", ServiceName: "true", SamplingRatePerMillion: new(int32)}},
		"image":    {KubernetesVersion: release, Etcd: tracing.EtcdSpec{ImageTag: "3.5.21-0", ImageRepository: "example.com/etcd"}},
		"no etcd":  {KubernetesVersion: release, Etcd: tracing.EtcdSpec{Disabled: true}},
		"kubelets": {KubernetesVersion: release, APIServer: tracing.APIServerSpec{Disabled: true}, Etcd: tracing.EtcdSpec{Disabled: true}},
		"no nodes": {KubernetesVersion: release, Kubelet: tracing.KubeletSpec{Disabled: true}},
	}
	for i, before := range releases() {
		if i+2 < len(releases()) && releases()[i+2] == release {
			all["older kubelets"] = tracing.TracingSpec{KubernetesVersion: release, KubeletVersion: before}
		}
	}
	for name, spec := range all {
		if len(spec.Validate()) > 0 { // a rate for an etcd that has none
			delete(all, name)
		}
	}
	return all
}

// TestLawGenerated says that apply takes what Generate and kind.Cluster make as it is,
// and that it makes the same of documents that say nothing.
func TestLawGenerated(t *testing.T) {
	for _, release := range sampled() {
		for name, spec := range generated(release) {
			t.Run(release+"/"+name, func(t *testing.T) {
				r := resolve(t, spec)
				files := contents(t, must(must(kubetrace.GenerateFor(r)).FS()))
				for _, file := range []string{kubetrace.FileKubeadm, kubetrace.FileKubelet, kubetrace.FileTracingConfiguration} {
					text, there := files[file]
					if !there || text == "" {
						continue
					}
					unchanged(t, r, file, []byte(text))
					said := trees([]byte(text))
					var bare []string
					for _, tree := range said {
						bare = append(bare, fmt.Sprintf("apiVersion: %v\nkind: %v\n", tree["apiVersion"], tree["kind"]))
					}
					result, refused, err := lay(r, []byte(strings.Join(bare, "---\n")), laid)
					if refused != nil || err != nil {
						t.Errorf("%s without its settings: %v, %v", file, refused, err)
					}
					if diff := cmp.Diff(said, trees(result.Text)); diff != "" {
						t.Errorf("%s is not what apply makes (-generated +applied):\n%s", file, diff)
					}
				}
				for file := range files {
					if path.Dir(file) == kubetrace.FolderPatches {
						t.Logf("%s is a patch, which is no document by itself", file)
					}
				}
				nothing, base := "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n", (*v1alpha4.Cluster)(nil)
				if preview := r.ControlPlane().Preview; preview != "" { // kind publishes no image of it
					nothing += "nodes: [{role: control-plane, image: \"example.com/node:v" + preview + "\"}]\n"
					base = must(kind.Load([]byte(nothing)))
				}
				cluster, err := kind.ClusterFor(r, base, laid.HostDir)
				if err != nil {
					t.Fatal(err)
				}
				unchanged(t, r, "the cluster of kind", must(tracing.Marshal(cluster)))
				made, refused, err := lay(r, []byte(nothing), laid)
				if refused != nil || err != nil {
					t.Fatal(refused, err)
				}
				if diff := cmp.Diff(cluster, must(kind.Load(made.Text)), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("apply makes another cluster of nothing (-kind.Cluster +apply):\n%s", diff)
				}
			})
		}
	}
}

// unchanged says that apply has nothing to do in a stream.
func unchanged(t *testing.T, r tracing.Resolved, what string, text []byte) {
	t.Helper()
	result, refused, err := lay(r, text, laid)
	if refused != nil || err != nil {
		t.Errorf("%s: %v, %v", what, refused, err)
		return
	}
	if len(result.Receipt.Edits) > 0 || len(result.Replaced) > 0 {
		t.Errorf("%s is edited: %+v, replaced: %+v", what, result.Receipt.Edits, result.Replaced)
	}
}
