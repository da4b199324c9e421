package clusterapi

import (
	"encoding/json"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/edit"
	"kubetrace/tracing"
)

// Warning is what a person should know about an object that was changed.
type Warning struct {
	// Path is where in the object, or empty where it is about all of it.
	Path string
	// Message says what happens, and what to do about it.
	Message string
}

// String is the path and the message.
func (w Warning) String() string {
	if w.Path == "" {
		return w.Message
	}
	return w.Path + ": " + w.Message
}

// ControlPlane returns a copy of a KubeadmControlPlane or KubeadmControlPlaneTemplate, of
// v1beta1 or v1beta2, whose nodes trace etcd, kube-apiserver and the kubelet as the spec
// says. base is not changed. Print the result with tracing.Marshal.
//
//   - clusterConfiguration gets the flags of etcd and kube-apiserver, the mount of the
//     tracing file, etcd's image where the spec names one, and feature gates, which are
//     merged.
//   - files gets what has to be on a node of the control plane, kubetrace.Bundle.Node: the
//     tracing file, the kubelet's part as a patch of kubeadm, and the settings of the
//     container runtime where the spec names one. For that preKubeadmCommands restarts it.
//   - initConfiguration and joinConfiguration get the folder of kubeadm's patches. One that
//     is there is kept, and used; patches of the kubelet in it, among files, are edited
//     where they set tracing otherwise.
//
// Everything of base is kept. Doing it twice changes nothing. No list that is empty is
// made, which the API of v1beta2 would refuse. Settings that the release no longer takes
// are changed as apply.Documents does.
//
// The warnings are components that are not traced though the spec does not disable them,
// an etcd of somebody's own and a kubelet before 1.25 first of all, settings that were
// there and had to change, and what was not looked at. What Resolve warns of is not among
// them.
//
// The error is a *tracing.InvalidSpecError for the spec and an *[InvalidObjectError] for
// base: a version of another minor release, an etcd of which the spec says otherwise, a
// setting that contradicts the spec, a file with other content at the path of ours.
func ControlPlane[O ControlPlaneObject](spec tracing.TracingSpec, base O) (O, []Warning, error) {
	return resolved(spec, base)
}

// ControlPlaneFor is ControlPlane of a spec that is resolved already.
func ControlPlaneFor[O ControlPlaneObject](r tracing.Resolved, base O) (O, []Warning, error) {
	return changed(r, base)
}

// Config returns a copy of a KubeadmConfigTemplate or KubeadmConfig, of v1beta1 or
// v1beta2, whose nodes trace the kubelet, and the container runtime where the spec names
// one, as ControlPlane does. base is not changed.
//
// A template is for workers. A KubeadmConfig with a clusterConfiguration, an
// initConfiguration or a joinConfiguration.controlPlane is for a node of the control plane,
// and gets what that needs.
//
// A KubeadmConfigTemplate that was changed gets a warning besides those of ControlPlane:
// machines that are there do not take it over before a MachineDeployment names it anew.
func Config[O ConfigObject](spec tracing.TracingSpec, base O) (O, []Warning, error) {
	return resolved(spec, base)
}

// ConfigFor is Config of a spec that is resolved already.
func ConfigFor[O ConfigObject](r tracing.Resolved, base O) (O, []Warning, error) {
	return changed(r, base)
}

// object is a pointer to one of the types of Cluster API.
type object interface {
	comparable
	runtime.Object
}

func resolved[O object](spec tracing.TracingSpec, base O) (none O, warnings []Warning, err error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return none, nil, err
	}
	return changed(r, base)
}

func changed[O object](r tracing.Resolved, base O) (none O, warnings []Warning, err error) {
	if base == none {
		return none, nil, &InvalidObjectError{Kind: reflect.TypeFor[O]().Elem().Name(), Errors: field.ErrorList{field.Required(field.NewPath("base"), "give the object that is to be changed")}}
	}
	apiVersion, kind, _ := parts(base)
	copied := base.DeepCopyObject().(O)
	problems := typeOf(copied, apiVersion, kind)
	tree, err := asTree(copied)
	if err != nil {
		return none, nil, err
	}
	edited, report, _ := edit.Document(r, tree, edit.Options{})
	if problems = append(problems, report.Problems...); len(problems) > 0 {
		return none, nil, invalid(kind, problems)
	}
	warnings = warningsOf(r, edited, report)
	// Only what is edited takes the way through the tree.
	if !reflect.DeepEqual(tree, edited) {
		if err := take(copied, edited, kind); err != nil {
			return none, nil, err
		}
		if kind == "KubeadmConfigTemplate" {
			warnings = append(warnings, inPlace)
		}
	}
	return copied, warnings, nil
}

// inPlace is about a template that was changed. A MachineDeployment compares its own
// fields alone, the name of the template among them.
var inPlace = Warning{Path: "metadata.name", Message: "Cluster API makes no machine anew for a template that is changed in place: write a new name, and write it into spec.template.spec.bootstrap.configRef.name of the MachineDeployment, or into the ClusterClass that names the template"}

// typeOf makes an object say what it is, and returns what else it says.
func typeOf(object runtime.Object, apiVersion, kind string) (problems []edit.Problem) {
	have := object.GetObjectKind().GroupVersionKind()
	for _, it := range [][3]string{{"apiVersion", have.GroupVersion().String(), apiVersion}, {"kind", have.Kind, kind}} {
		if it[1] != "" && it[1] != it[2] {
			problems = append(problems, edit.Problem{Path: []any{it[0]}, Setting: it[0], Value: it[1], Message: "write " + it[2] + ", which this type is of, or leave it empty"})
		}
	}
	_, _, spec := parts(object)
	types := reflect.ValueOf(object).Elem().FieldByName("TypeMeta")
	if spec != nil && types.IsValid() {
		types.FieldByName("APIVersion").SetString(apiVersion)
		types.FieldByName("Kind").SetString(kind)
	}
	return problems
}

// asTree is an object as its JSON says it.
func asTree(object any) (tree map[string]any, err error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	return tree, json.Unmarshal(text, &tree)
}

// take gives an object the KubeadmConfigSpec of a tree.
func take(object runtime.Object, tree map[string]any, kind string) error {
	for _, key := range edit.ConfigSpecPath(kind) {
		tree, _ = tree[key].(map[string]any)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return err
	}
	_, _, spec := parts(object)
	reflect.ValueOf(spec).Elem().SetZero()
	return json.Unmarshal(text, spec)
}

// warningsOf are those of what was done.
func warningsOf(r tracing.Resolved, tree map[string]any, report edit.Report) (all []Warning) {
	spec := r.Spec()
	disabled := map[tracing.Component]bool{tracing.ComponentEtcd: spec.Etcd.Disabled, tracing.ComponentAPIServer: spec.APIServer.Disabled, tracing.ComponentKubelet: spec.Kubelet.Disabled}
	for _, c := range edit.Carries(tree) {
		if why := edit.Untraced(r, c); why != "" && !disabled[c] {
			all = append(all, Warning{Message: fmt.Sprintf("%s is not traced: %s", c, why)})
		}
	}
	for _, change := range report.Replaced {
		message := fmt.Sprintf("%s was %s and is taken out", change.Name, change.Old)
		if change.New != "" {
			message = fmt.Sprintf("%s was %s and is now %s", change.Name, change.Old, change.New)
		}
		all = append(all, Warning{Path: edit.FieldPath(change.Path).String(), Message: message})
	}
	for _, change := range report.Unread {
		all = append(all, Warning{Path: edit.FieldPath(change.Path).String(), Message: fmt.Sprintf("%s: %s", change.Old, change.Cure)})
	}
	return all
}
