package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	kjson "sigs.k8s.io/json"
)

// asked are the fields of each kind that something is judged by. An object may come
// from a release whose other fields have types that ours cannot hold, so they are
// taken out before it is decoded. Lists are not named: a path goes on in each element.
var asked = map[string]fields{
	"Node": fieldsOf("metadata.name", "metadata.labels", "metadata.annotations", "spec.taints",
		"status.conditions.type", "status.conditions.status",
		"status.nodeInfo.kubeletVersion", "status.nodeInfo.containerRuntimeVersion", "status.nodeInfo.operatingSystem"),
	"Pod": fieldsOf("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.deletionTimestamp", "metadata.finalizers",
		"spec.nodeName", "spec.hostNetwork", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
		"spec.containers.name", "spec.containers.image", "spec.containers.command", "spec.containers.args", "spec.containers.env",
		"spec.containers.ports", "spec.containers.volumeMounts", "spec.volumes.name", "spec.volumes.hostPath",
		"status.phase", "status.reason", "status.message", "status.conditions.type", "status.conditions.status", "status.conditions.message",
		"status.containerStatuses.name", "status.containerStatuses.ready", "status.containerStatuses.state.waiting", "status.containerStatuses.state.running",
		"status.containerStatuses.state.terminated.exitCode", "status.containerStatuses.lastState.terminated.exitCode"),
	"ConfigMap": fieldsOf("metadata.name", "metadata.namespace", "data"),
	// What a DaemonSet says beside what we have written is left to the comparison.
	"DaemonSet": fieldsOf("metadata.name", "metadata.namespace", "metadata.labels", "metadata.generation", "spec",
		"status.currentNumberScheduled", "status.desiredNumberScheduled", "status.numberReady", "status.updatedNumberScheduled", "status.observedGeneration"),
	"Namespace": fieldsOf("metadata.name", "metadata.labels"),
	"Event": fieldsOf("metadata.namespace", "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
		"reason", "message", "lastTimestamp"),
}

// fields are names of fields and what is asked of each; nothing means all of it.
type fields map[string]fields

func fieldsOf(paths ...string) fields {
	all := fields{}
	for _, path := range paths {
		at := all
		for _, name := range strings.Split(path, ".") {
			if at[name] == nil {
				at[name] = fields{}
			}
			at = at[name]
		}
	}
	return all
}

// of returns what is asked of a tree. What has another form than asked stays, for
// the decoder to find.
func (f fields) of(tree any) any {
	if len(f) == 0 {
		return tree
	}
	switch tree := tree.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, below := range f {
			if value, there := tree[name]; there {
				kept[name] = below.of(value)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(tree))
		for i := range tree {
			kept[i] = f.of(tree[i])
		}
		return kept
	}
	return tree
}

// decodeAsked decodes what is asked of an object of a known kind.
func decodeAsked(object map[string]any, into any) error {
	kind, _ := object["kind"].(string)
	text, err := json.Marshal(asked[kind].of(object))
	if err != nil { // YAML has keys that JSON has not
		return errors.New("a key in it is no text")
	}
	return unmarshal(text, into)
}

// unmarshal decodes JSON as Kubernetes does, and names a field of another type as an
// object has it.
func unmarshal(text []byte, into any) error {
	err := kjson.UnmarshalCaseSensitivePreserveInts(text, into)
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) && mistyped.Field != "" {
		return fmt.Errorf("its %s is a %s", mistyped.Field, mistyped.Value)
	}
	return err
}

// describe names an object that could not be decoded, and the node it is on.
func describe(object map[string]any) (what, node string) {
	text := func(at, name string) string {
		below, _ := object[at].(map[string]any)
		value, _ := below[name].(string)
		return value
	}
	kind, _ := object["kind"].(string)
	what = objectName(kind, text("metadata", "namespace"), text("metadata", "name"))
	if kind == "Node" {
		return what, text("metadata", "name")
	}
	return what, text("spec", "nodeName")
}

// objectName is how an object is named in findings: "Pod kube-system/etcd-a".
func objectName(kind, namespace, name string) string {
	return strings.TrimSpace(kind + " " + strings.TrimPrefix(namespace+"/"+name, "/"))
}
