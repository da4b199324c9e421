package kubetrace_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace"
	"kubetrace/apiserver"
	"kubetrace/apply"
	"kubetrace/backend"
	"kubetrace/collector"
	"kubetrace/collector/operator"
	"kubetrace/containerd"
	"kubetrace/crio"
	"kubetrace/etcd"
	"kubetrace/gateway"
	"kubetrace/internal/puritytest"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// result is what a function returned.
type result[T any] struct {
	Value T
	Err   error
}

func resultOf[T any](value T, err error) result[T] { return result[T]{value, err} }

// fullSpec sets every field that outputs are made of.
const fullSpec = `
kubernetesVersion: v1.26.3
kubeletVersion: "1.26"
clusterName: prod
samplingRatePerMillion: 1000
etcd: {imageRepository: quay.io/coreos, imageTag: v3.5.11, instanceID: a, samplingRatePerMillion: 5}
apiServer: {samplingRatePerMillion: 6}
kubelet: {samplingRatePerMillion: 7}
containerd: {version: "1.7", samplingRatePerMillion: 8}
crio: {version: "1.33", samplingRatePerMillion: 9}
collector:
  imagePullSecrets: [{name: registry}]
  tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 3}]
  nodeSelector: {a: b}
  labels: {a: b}
  annotations: {a: b}
  manageNamespace: true
  resources: {limits: {memory: 1Gi}, requests: {memory: 512Mi}}
  exporter:
    endpoint: otlp.example.com:4317
    tls: {ca: {name: ca, key: ca}, cert: {name: tls, key: crt}, key: {name: tls, key: key}}
    headers: [{name: a, value: b}, {name: b, secretKeyRef: {name: token, key: token}}]
  load: {spansPerSecond: 10, outage: 10m}
  queue: {storage: hostPath}
gateway:
  resources: {limits: {memory: 1Gi}, requests: {memory: 512Mi}}
  tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 3}]
  nodeSelector: {a: b}
  tls: {ca: {name: ca, key: ca}, cert: {name: tls, key: crt}, key: {name: tls, key: key}}
`

// backendSpec is one that has a backend.
const backendSpec = `{kubernetesVersion: "1.34.1", collector: {labels: {a: b}}}`

func load(t testing.TB, text string) tracing.TracingSpec {
	t.Helper()
	spec, err := tracing.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// spec checks a function of a spec, for both specs.
func ofSpec[T any](function func(tracing.TracingSpec) (T, error)) func(*testing.T) {
	return func(t *testing.T) {
		for _, text := range []string{fullSpec, backendSpec, `kubernetesVersion: "1.0"`} {
			puritytest.Check(t, func() tracing.TracingSpec { return load(t, text) },
				func(spec tracing.TracingSpec) result[T] { return resultOf(function(spec)) })
		}
	}
}

// ofResolved checks a function of a resolved spec, for both specs.
func ofResolved[T any](function func(tracing.Resolved) T) func(*testing.T) {
	return func(t *testing.T) {
		for _, text := range []string{fullSpec, backendSpec} {
			puritytest.Check(t, func() tracing.Resolved {
				resolved, err := tracing.Resolve(load(t, text))
				if err != nil {
					t.Fatal(err)
				}
				return resolved
			}, function)
		}
	}
}

func ofBundle[T any](function func(*kubetrace.Bundle) T) func(*testing.T) {
	return func(t *testing.T) {
		for _, text := range []string{fullSpec, backendSpec} {
			puritytest.Check(t, func() *kubetrace.Bundle {
				bundle, err := kubetrace.Generate(load(t, text))
				if err != nil {
					t.Fatal(err)
				}
				return bundle
			}, function)
		}
	}
}

func of[In, Out any](in func() In, function func(In) Out) func(*testing.T) {
	return func(t *testing.T) { puritytest.Check(t, in, function) }
}

// fullPatch sets every field.
func fullPatch() *kubeadm.Patch {
	limit := int64(5)
	return &kubeadm.Patch{
		KubernetesVersion: "v1.34.2",
		Etcd: kubeadm.EtcdPatch{
			ImageRepository: "a", ImageTag: "b",
			Args: []kubeadm.Arg{{Name: "a", Value: "b"}},
			Env:  []corev1.EnvVar{{Name: "A", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "spec.nodeName"}}}},
		},
		APIServer: kubeadm.APIServerPatch{
			Args:    []kubeadm.Arg{{Name: "feature-gates", Value: "A=true"}},
			Env:     []corev1.EnvVar{{Name: "A", Value: "b"}},
			Volumes: []kubeadm.HostPathMount{{Name: "a", HostPath: "/a", MountPath: "/a"}},
		},
		Kubelet:    &kubeletv1beta1.KubeletConfiguration{PodPidsLimit: &limit, FeatureGates: map[string]bool{"A": true}, ClusterDNS: []string{"10.0.0.10"}},
		StaticPods: []kubeadm.StaticPodPatch{{Target: "etcd", Content: "a: b"}},
		Files:      []kubeadm.NodeFile{{Path: "/a", Object: &corev1.Pod{Spec: corev1.PodSpec{NodeSelector: map[string]string{"a": "b"}}}}},
	}
}

// pureFunctions holds a check for every exported function and method, by
// folder and name. TestPurityIsComplete keeps it so.
var pureFunctions = map[string]func(*testing.T){
	"..Generate":    ofSpec(kubetrace.Generate),
	"..GenerateFor": ofResolved(func(r tracing.Resolved) result[*kubetrace.Bundle] { return resultOf(kubetrace.GenerateFor(r)) }),
	"..Bundle.FS":   ofBundle(func(b *kubetrace.Bundle) result[fs.FS] { return resultOf(b.FS()) }),
	"..Bundle.Node": ofBundle(func(b *kubetrace.Bundle) result[kubetrace.Node] {
		return resultOf(b.Node(kubetrace.ControlPlane, kubetrace.NodeOptions{}))
	}),
	"..NodeFile.Permissions": of(func() kubetrace.NodeFile { return kubetrace.NodeFile{Mode: 0o644} }, kubetrace.NodeFile.Permissions),
	"..Bundle.Resolved":      ofBundle((*kubetrace.Bundle).Resolved),
	"..Files":                of(func() int { return 0 }, func(int) []kubetrace.File { return kubetrace.Files() }),
	"..ChangedError.Error": of(func() *kubetrace.ChangedError { return &kubetrace.ChangedError{Field: "Kubelet"} },
		(*kubetrace.ChangedError).Error),

	"etcd.Args":            ofSpec(etcd.Args),
	"etcd.ArgsFor":         ofResolved(etcd.ArgsFor),
	"etcd.ConfigFile":      ofSpec(etcd.ConfigFile),
	"etcd.ConfigFileFor":   ofResolved(etcd.ConfigFileFor),
	"etcd.Env":             ofSpec(etcd.Env),
	"etcd.EnvFor":          ofResolved(etcd.EnvFor),
	"etcd.KubeadmPatch":    ofSpec(etcd.KubeadmPatch),
	"etcd.KubeadmPatchFor": ofResolved(etcd.KubeadmPatchFor),

	"apiserver.Args":                    ofSpec(apiserver.Args),
	"apiserver.ArgsFor":                 ofResolved(apiserver.ArgsFor),
	"apiserver.KubeadmPatch":            ofSpec(apiserver.KubeadmPatch),
	"apiserver.KubeadmPatchFor":         ofResolved(apiserver.KubeadmPatchFor),
	"apiserver.TracingConfiguration":    ofSpec(apiserver.TracingConfiguration),
	"apiserver.TracingConfigurationFor": ofResolved(apiserver.TracingConfigurationFor),

	"kubelet.Configuration":    ofSpec(kubelet.Configuration),
	"kubelet.ConfigurationFor": ofResolved(kubelet.ConfigurationFor),
	"kubelet.Fields":           ofSpec(kubelet.Fields),
	"kubelet.FieldsFor":        ofResolved(kubelet.FieldsFor),
	"kubelet.KubeadmPatch":     ofSpec(kubelet.KubeadmPatch),
	"kubelet.KubeadmPatchFor":  ofResolved(kubelet.KubeadmPatchFor),

	"containerd.Env":              ofSpec(containerd.Env),
	"containerd.EnvFor":           ofResolved(containerd.EnvFor),
	"containerd.ServiceDropIn":    ofSpec(containerd.ServiceDropIn),
	"containerd.ServiceDropInFor": ofResolved(containerd.ServiceDropInFor),
	"containerd.ConfigFile":       ofSpec(containerd.ConfigFile),
	"containerd.ConfigFileFor":    ofResolved(containerd.ConfigFileFor),
	"containerd.DropIn.Marshal": of(func() containerd.DropIn {
		return containerd.DropIn{Environment: []corev1.EnvVar{{Name: "A", Value: "b"}}}
	}, containerd.DropIn.Marshal),
	"containerd.Config.Marshal": of(func() containerd.Config { return containerd.Config{} }, containerd.Config.Marshal),

	"crio.ConfigFile":     ofSpec(crio.ConfigFile),
	"crio.ConfigFileFor":  ofResolved(crio.ConfigFileFor),
	"crio.Config.Marshal": of(func() crio.Config { return crio.Config{} }, crio.Config.Marshal),

	"collector.ConfigMap":    ofSpec(collector.ConfigMap),
	"collector.ConfigMapFor": ofResolved(collector.ConfigMapFor),
	"collector.DaemonSet":    ofSpec(collector.DaemonSet),
	"collector.DaemonSetFor": ofResolved(collector.DaemonSetFor),
	"collector.HostFiles":    ofSpec(collector.HostFiles),
	"collector.HostFilesFor": ofResolved(collector.HostFilesFor),
	"collector.HostUnit.Marshal": of(func() collector.HostUnit {
		return collector.HostUnit{
			ExecStart: []string{"a"}, Environment: []corev1.EnvVar{{Name: "A", Value: "b%"}}, EnvironmentFile: "/e",
			Credentials: []collector.HostCredential{{Name: "c", Path: "/c"}}, StateDirectory: "d", MemoryMax: 1,
		}
	}, collector.HostUnit.Marshal),
	"collector.Namespace":         ofSpec(collector.Namespace),
	"collector.NamespaceFor":      ofResolved(collector.NamespaceFor),
	"collector.Objects":           ofSpec(collector.Objects),
	"collector.ObjectsFor":        ofResolved(collector.ObjectsFor),
	"collector.ServiceAccount":    ofSpec(collector.ServiceAccount),
	"collector.ServiceAccountFor": ofResolved(collector.ServiceAccountFor),

	"backend.Deployment":    ofSpec(backend.Deployment),
	"backend.DeploymentFor": ofResolved(backend.DeploymentFor),
	"backend.Namespace":     ofSpec(backend.Namespace),
	"backend.NamespaceFor":  ofResolved(backend.NamespaceFor),
	"backend.Objects":       ofSpec(backend.Objects),
	"backend.ObjectsFor":    ofResolved(backend.ObjectsFor),
	"backend.Service":       ofSpec(backend.Service),
	"backend.ServiceFor":    ofResolved(backend.ServiceFor),

	"gateway.ConfigMap":              ofSpec(gateway.ConfigMap),
	"gateway.ConfigMapFor":           ofResolved(gateway.ConfigMapFor),
	"gateway.Deployment":             ofSpec(gateway.Deployment),
	"gateway.DeploymentFor":          ofResolved(gateway.DeploymentFor),
	"gateway.Namespace":              ofSpec(gateway.Namespace),
	"gateway.NamespaceFor":           ofResolved(gateway.NamespaceFor),
	"gateway.Objects":                ofSpec(gateway.Objects),
	"gateway.ObjectsFor":             ofResolved(gateway.ObjectsFor),
	"gateway.PodDisruptionBudget":    ofSpec(gateway.PodDisruptionBudget),
	"gateway.PodDisruptionBudgetFor": ofResolved(gateway.PodDisruptionBudgetFor),
	"gateway.Service":                ofSpec(gateway.Service),
	"gateway.ServiceFor":             ofResolved(gateway.ServiceFor),
	"gateway.ServiceAccount":         ofSpec(gateway.ServiceAccount),
	"gateway.ServiceAccountFor":      ofResolved(gateway.ServiceAccountFor),

	"kubeadm.Merge": func(t *testing.T) {
		two := func() []*kubeadm.Patch { return []*kubeadm.Patch{fullPatch(), nil, fullPatch()} }
		conflict := func() []*kubeadm.Patch { return []*kubeadm.Patch{fullPatch(), {KubernetesVersion: "v1.1.1"}} }
		one := func() []*kubeadm.Patch { return []*kubeadm.Patch{fullPatch()} }
		for _, in := range []func() []*kubeadm.Patch{one, two, conflict} {
			puritytest.Check(t, in, func(p []*kubeadm.Patch) result[*kubeadm.Patch] { return resultOf(kubeadm.Merge(p...)) })
		}
	},
	"kubeadm.Marshal": of(fullPatch, func(p *kubeadm.Patch) result[[]byte] { return resultOf(kubeadm.Marshal(p, kubeadm.V1Beta4)) }),
	"kubeadm.PatchFiles": of(fullPatch, func(p *kubeadm.Patch) result[map[string]string] {
		return resultOf(kubeadm.PatchFiles(p, kubeadm.V1Beta3))
	}),
	"kubeadm.ArgList": of(func() []kubeadm.Arg { return []kubeadm.Arg{{Name: "a", Value: "b"}} }, kubeadm.ArgList),
	"kubeadm.ArgMap": of(func() []kubeadm.Arg { return []kubeadm.Arg{{Name: "a", Value: "b"}} }, func(args []kubeadm.Arg) result[map[string]string] {
		return resultOf(kubeadm.ArgMap(args))
	}),
	"kubeadm.Arg.String": of(func() kubeadm.Arg { return kubeadm.Arg{Name: "a", Value: "b"} }, kubeadm.Arg.String),
	"kubeadm.StaticPodPatch.FileName": of(func() kubeadm.StaticPodPatch { return kubeadm.StaticPodPatch{Target: "etcd"} },
		kubeadm.StaticPodPatch.FileName),
	"kubeadm.ConflictError.Error": of(func() *kubeadm.ConflictError { return &kubeadm.ConflictError{Setting: "a"} },
		(*kubeadm.ConflictError).Error),
}

func TestPurity(t *testing.T) {
	for name, check := range pureFunctions {
		t.Run(name, check)
	}
}

// TestPurityIsComplete reads the source, so that no function is forgotten.
func TestPurityIsComplete(t *testing.T) {
	var exported []string
	for _, folder := range []string{".", "apiserver", "backend", "collector", "containerd", "crio", "etcd", "gateway", "kubeadm", "kubelet"} {
		for _, file := range sourceFiles(t, folder) {
			for _, declaration := range file.Decls {
				function, ok := declaration.(*ast.FuncDecl)
				if name := functionName(function); ok && name != "" {
					exported = append(exported, folder+"."+name)
				}
			}
		}
	}
	slices.Sort(exported)
	if diff := cmp.Diff(exported, slices.Sorted(maps.Keys(pureFunctions))); diff != "" {
		t.Errorf("not every function has a check (-exported +checked):\n%s", diff)
	}
}

// functionName returns Name or Type.Name of an exported function, or nothing.
func functionName(function *ast.FuncDecl) string {
	if function == nil || !function.Name.IsExported() {
		return ""
	}
	if function.Recv == nil {
		return function.Name.Name
	}
	receiver := function.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if name := receiver.(*ast.Ident); name.IsExported() {
		return name.Name + "." + function.Name.Name
	}
	return ""
}

// sourceFiles parses the files of a folder that are no tests.
func sourceFiles(t *testing.T, folder string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		t.Fatalf("there is no source in %s", folder)
	}
	return files
}

// TestZeroResolved says that a Resolved that nobody resolved gives nothing.
func TestZeroResolved(t *testing.T) {
	var zero tracing.Resolved
	for name, empty := range map[string]bool{
		"apiserver.ArgsFor":                 len(apiserver.ArgsFor(zero)) == 0,
		"apiserver.KubeadmPatchFor":         apiserver.KubeadmPatchFor(zero) == nil,
		"apiserver.TracingConfigurationFor": apiserver.TracingConfigurationFor(zero) == nil,
		"backend.DeploymentFor":             backend.DeploymentFor(zero) == nil,
		"backend.NamespaceFor":              backend.NamespaceFor(zero) == nil,
		"backend.ObjectsFor":                len(backend.ObjectsFor(zero)) == 0,
		"backend.ServiceFor":                backend.ServiceFor(zero) == nil,
		"collector.ConfigMapFor":            collector.ConfigMapFor(zero) == nil,
		"collector.DaemonSetFor":            collector.DaemonSetFor(zero) == nil,
		"collector.HostFilesFor":            collector.HostFilesFor(zero) == nil,
		"collector.NamespaceFor":            collector.NamespaceFor(zero) == nil,
		"collector.ObjectsFor":              len(collector.ObjectsFor(zero)) == 0,
		"collector.ServiceAccountFor":       collector.ServiceAccountFor(zero) == nil,
		"gateway.ConfigMapFor":              gateway.ConfigMapFor(zero) == nil,
		"gateway.DeploymentFor":             gateway.DeploymentFor(zero) == nil,
		"gateway.NamespaceFor":              gateway.NamespaceFor(zero) == nil,
		"gateway.ObjectsFor":                len(gateway.ObjectsFor(zero)) == 0,
		"gateway.PodDisruptionBudgetFor":    gateway.PodDisruptionBudgetFor(zero) == nil,
		"gateway.ServiceFor":                gateway.ServiceFor(zero) == nil,
		"gateway.ServiceAccountFor":         gateway.ServiceAccountFor(zero) == nil,
		"containerd.EnvFor":                 len(containerd.EnvFor(zero)) == 0,
		"containerd.ServiceDropInFor":       containerd.ServiceDropInFor(zero) == nil,
		"containerd.ConfigFileFor":          containerd.ConfigFileFor(zero) == nil,
		"crio.ConfigFileFor":                crio.ConfigFileFor(zero) == nil,
		"etcd.ArgsFor":                      len(etcd.ArgsFor(zero)) == 0,
		"etcd.EnvFor":                       len(etcd.EnvFor(zero)) == 0,
		"etcd.ConfigFileFor":                etcd.ConfigFileFor(zero) == nil,
		"etcd.KubeadmPatchFor":              etcd.KubeadmPatchFor(zero) == nil,
		"kubelet.ConfigurationFor":          kubelet.ConfigurationFor(zero) == nil,
		"kubelet.FieldsFor":                 kubelet.FieldsFor(zero) == nil,
		"kubelet.KubeadmPatchFor":           kubelet.KubeadmPatchFor(zero) == nil,
	} {
		if !empty {
			t.Errorf("%s(tracing.Resolved{}) is not empty", name)
		}
	}
	bundle, err := kubetrace.GenerateFor(zero)
	if err != nil || len(bundle.Collector)+len(bundle.Gateway)+len(bundle.Backend) != 0 || bundle.Kubelet != nil || bundle.TracingConfiguration != nil {
		t.Errorf("GenerateFor(tracing.Resolved{}) gives %+v, %v", bundle, err)
	}
}

// objectFunction is one function that returns an object.
type objectFunction func(tracing.TracingSpec) (isNil bool, err error)

func object[T any](function func(tracing.TracingSpec) (*T, error)) objectFunction {
	return func(spec tracing.TracingSpec) (bool, error) {
		got, err := function(spec)
		return got == nil, err
	}
}

func list[T any](function func(tracing.TracingSpec) ([]T, error)) objectFunction {
	return func(spec tracing.TracingSpec) (bool, error) {
		got, err := function(spec)
		return len(got) == 0, err
	}
}

// hostFiles is collector.HostFiles, which needs a spec with an exporter.
func hostFiles(spec tracing.TracingSpec) (*collector.Host, error) {
	spec.Collector.Exporter.Endpoint = "otlp.example.com:4317"
	return collector.HostFiles(spec)
}

// objectFunctions are the functions of a spec that return one object, by the
// component that they are for, and listFunctions those that return a list.
// TestErrorsIsComplete keeps them so.
var (
	objectFunctions = map[tracing.Component]map[string]objectFunction{
		tracing.ComponentEtcd: {
			"etcd.KubeadmPatch": object(etcd.KubeadmPatch),
			"etcd.ConfigFile": func(spec tracing.TracingSpec) (bool, error) {
				fields, err := etcd.ConfigFile(spec)
				return fields == nil, err
			},
		},
		tracing.ComponentAPIServer: {
			"apiserver.TracingConfiguration": object(apiserver.TracingConfiguration),
			"apiserver.KubeadmPatch":         object(apiserver.KubeadmPatch),
		},
		tracing.ComponentKubelet: {
			"kubelet.Configuration": object(kubelet.Configuration),
			"kubelet.KubeadmPatch":  object(kubelet.KubeadmPatch),
			"kubelet.Fields": func(spec tracing.TracingSpec) (bool, error) {
				fields, err := kubelet.Fields(spec)
				return fields == nil, err
			},
		},
		tracing.ComponentContainerd: {
			"containerd.ServiceDropIn": object(containerd.ServiceDropIn),
			"containerd.ConfigFile":    object(containerd.ConfigFile),
		},
		tracing.ComponentCRIO: {"crio.ConfigFile": object(crio.ConfigFile)},
		tracing.ComponentCollector: {
			"collector.Namespace":      object(collector.Namespace),
			"collector.ServiceAccount": object(collector.ServiceAccount),
			"collector.ConfigMap":      object(collector.ConfigMap),
			"collector.DaemonSet":      object(collector.DaemonSet),
			"collector.HostFiles":      object(hostFiles),

			"collector/operator.OpenTelemetryCollector": object(operator.OpenTelemetryCollector),
		},
		tracing.ComponentGateway: {
			"gateway.ConfigMap":           object(gateway.ConfigMap),
			"gateway.Deployment":          object(gateway.Deployment),
			"gateway.Namespace":           object(gateway.Namespace),
			"gateway.PodDisruptionBudget": object(gateway.PodDisruptionBudget),
			"gateway.Service":             object(gateway.Service),
			"gateway.ServiceAccount":      object(gateway.ServiceAccount),
		},
		tracing.ComponentBackend: {
			"backend.Deployment": object(backend.Deployment),
			"backend.Namespace":  object(backend.Namespace),
			"backend.Service":    object(backend.Service),
		},
	}
	listFunctions = map[string]objectFunction{
		"etcd.Args": list(etcd.Args), "etcd.Env": list(etcd.Env), "apiserver.Args": list(apiserver.Args), "containerd.Env": list(containerd.Env),
		"collector.Objects": list(collector.Objects), "backend.Objects": list(backend.Objects), "gateway.Objects": list(gateway.Objects),
		"apply.Deletions": list(apply.Deletions), "collector/operator.Objects": list(operator.Objects), "collector/operator.Warnings": list(operator.Warnings),
	}
	// otherFunctions always have something to return.
	otherFunctions = []string{
		"..Generate",              // a bundle, if an empty one
		"platform/kind.NodeImage", // nil is no string; see platform/kind
		"platform/kind.NodeContainerd",
		"platform/minikube.Cluster", // no files, perhaps; see platform/minikube
		"platform/minikube.Resolve",
		"platform/minikube.RunBook",
	}
)

// TestErrorsIsComplete reads the source, so that no function of a spec is
// forgotten.
func TestErrorsIsComplete(t *testing.T) {
	known := slices.Concat(slices.Collect(maps.Keys(listFunctions)), otherFunctions)
	for _, functions := range objectFunctions {
		known = slices.AppendSeq(known, maps.Keys(functions))
	}
	var exported []string
	for name, function := range exportedFunctions(t) {
		if len(function.parameters) == 1 && function.parameters[0] == "tracing.TracingSpec" {
			exported = append(exported, name)
		}
	}
	slices.Sort(known)
	slices.Sort(exported)
	if diff := cmp.Diff(exported, known); diff != "" {
		t.Errorf("not every function has a check (-exported +checked):\n%s", diff)
	}
}

// exportedFunction is what the source says of one.
type exportedFunction struct{ parameters []string }

// exportedFunctions returns the exported functions of the packages that stand on
// tracing, by folder and name.
func exportedFunctions(t *testing.T) map[string]exportedFunction {
	t.Helper()
	all := map[string]exportedFunction{}
	for _, folder := range libraryFolders(t) {
		if folder == "tracing" || strings.HasPrefix(folder, "internal/") {
			continue
		}
		for _, file := range sourceFiles(t, folder) {
			for _, declaration := range file.Decls {
				function, ok := declaration.(*ast.FuncDecl)
				if !ok || function.Recv != nil || !function.Name.IsExported() {
					continue
				}
				var parameters []string
				for _, parameter := range function.Type.Params.List {
					for range max(1, len(parameter.Names)) {
						parameters = append(parameters, types.ExprString(parameter.Type))
					}
				}
				all[folder+"."+function.Name.Name] = exportedFunction{parameters}
			}
		}
	}
	return all
}

// unpaired are functions of a spec that have no counterpart, with the reason.
var unpaired = map[string]string{
	"upgrade.Plan": "it changes the spec as it is written, and resolves each step",

	"platform/k0s.Resolve":      "it makes what the others take",
	"platform/k3s.Resolve":      "it makes what the others take",
	"platform/minikube.Resolve": "it makes what the others take",
}

// TestPairs checks that behind every X of a spec stands an XFor of a resolved one,
// and before every XFor an X, with the same other parameters.
func TestPairs(t *testing.T) {
	all := exportedFunctions(t)
	pairs := 0
	for name, function := range all {
		if len(function.parameters) == 0 || unpaired[name] != "" {
			continue
		}
		var other, first string
		switch function.parameters[0] {
		case "tracing.TracingSpec":
			other, first = name+"For", "tracing.Resolved"
		case "tracing.Resolved":
			other, first = strings.TrimSuffix(name, "For"), "tracing.TracingSpec"
		default:
			continue
		}
		pairs++
		want := append([]string{first}, function.parameters[1:]...)
		if got, ok := all[other]; !ok || other == name || !slices.Equal(got.parameters, want) {
			t.Errorf("%s has no counterpart %s(%s)", name, other, strings.Join(want, ", "))
		}
	}
	if pairs < 40 {
		t.Errorf("there are %d functions of a spec: they are not found", pairs)
	}
	for name := range unpaired {
		if _, ok := all[name]; !ok {
			t.Errorf("%s is not there any more", name)
		}
	}
}

// TestErrors checks the two errors of every function of a spec.
func TestErrors(t *testing.T) {
	good := load(t, `{kubernetesVersion: "1.34", gateway: {}, containerd: {version: "1.7"}, crio: {version: "1.34"}}`)
	disabled := load(t, runBookSpecs["nothing"])
	bad := load(t, `kubernetesVersion: "1.0"`)
	for component, functions := range objectFunctions {
		for name, function := range functions {
			t.Run(name, func(t *testing.T) {
				if isNil, err := function(good); isNil || err != nil {
					t.Errorf("of a good spec: nil is %t, error %v", isNil, err)
				}
				isNil, err := function(disabled)
				var not *tracing.NotGeneratedError
				if !isNil || !errors.As(err, &not) || not.Component != component {
					t.Errorf("of a disabled component: nil is %t, error %#v", isNil, err)
				}
				wantInvalid(t, function, bad)
			})
		}
	}
	for name, function := range listFunctions {
		t.Run(name, func(t *testing.T) {
			if empty, err := function(good); empty || err != nil {
				t.Errorf("of a good spec: empty is %t, error %v", empty, err)
			}
			if empty, err := function(disabled); !empty || err != nil {
				t.Errorf("of a disabled component: empty is %t, error %v", empty, err)
			}
			wantInvalid(t, function, bad)
		})
	}
	t.Run("kubetrace.Generate", func(t *testing.T) { wantInvalid(t, object(kubetrace.Generate), bad) })
}

func wantInvalid(t *testing.T, function objectFunction, bad tracing.TracingSpec) {
	t.Helper()
	isNil, err := function(bad)
	var invalid *tracing.InvalidSpecError
	if !isNil || !errors.As(err, &invalid) || len(invalid.Errors) == 0 {
		t.Errorf("of a bad spec: nil is %t, error %#v", isNil, err)
	}
}

// TestNotGenerated checks which field is named where there are several ways.
func TestNotGenerated(t *testing.T) {
	for _, test := range []struct {
		name, spec, field string
		function          objectFunction
	}{
		{"containerd that reads no variables", `{kubernetesVersion: "1.34", containerd: {version: 1.7.15}}`, "containerd.version", object(containerd.ServiceDropIn)},
		{"containerd that reads no tables", `{kubernetesVersion: "1.34", containerd: {version: "2.0"}}`, "containerd.version", object(containerd.ConfigFile)},
		{"kubelet too old", `kubernetesVersion: "1.24"`, "kubeletVersion", object(kubelet.Configuration)},
		{"etcd that may not be traced", `kubernetesVersion: "1.24"`, "etcd.imageTag", object(etcd.KubeadmPatch)},
		{"external etcd", runBookSpecs["own etcd"], "etcd.external", object(etcd.KubeadmPatch)},
		{"gateway's namespace of others", `{kubernetesVersion: "1.34", gateway: {namespace: a}}`, "gateway.namespace", object(gateway.Namespace)},
		{"backend's namespace of others", `{kubernetesVersion: "1.34", backend: {namespace: a}}`, "backend.namespace", object(backend.Namespace)},
		{"configuration file of an etcd that may not be traced", `kubernetesVersion: "1.24"`, "etcd.imageTag", objectFunctions[tracing.ComponentEtcd]["etcd.ConfigFile"]},
		{"host's collector with a backend", `kubernetesVersion: "1.34"`, "collector.exporter.endpoint", object(collector.HostFiles)},
		{"namespace of others", `{kubernetesVersion: "1.34", collector: {namespace: a}}`, "collector.manageNamespace", object(collector.Namespace)},
		{"backend with an exporter", `{kubernetesVersion: "1.34", collector: {exporter: {endpoint: "a.b:1"}}}`, "collector.exporter.endpoint", object(backend.Deployment)},
		{"backend without a collector", `{kubernetesVersion: "1.34", collector: {disabled: true}}`, "collector.disabled", object(backend.Service)},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.function(load(t, test.spec))
			var not *tracing.NotGeneratedError
			if !errors.As(err, &not) || not.Field != test.field {
				t.Errorf("got %v, want a NotGeneratedError of %s", err, test.field)
			}
		})
	}
}
