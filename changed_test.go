package kubetrace_test

import (
	"errors"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace"
	"kubetrace/containerd"
	"kubetrace/crio"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// gatewaySpec is one that fills every field of a bundle.
const gatewaySpec = `{kubernetesVersion: "1.26.3", gateway: {}, containerd: {version: "1.7"}, crio: {version: "1.26"}}`

// bundleChange is a change of one field of a bundle.
type bundleChange struct {
	name, spec string
	change     func(*kubetrace.Bundle)
	field      string // that FS names; empty where the change is one that FS writes
	file, says string // what is then in which file, beside what the README says of it
}

func daemonSetOf(b *kubetrace.Bundle) *appsv1.DaemonSet {
	return b.Collector[len(b.Collector)-1].(*appsv1.DaemonSet)
}

func ownObject() []runtime.Object {
	return []runtime.Object{&corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: metav1.ObjectMeta{Name: "mine"}}}
}

var ownPatch = &kubeadm.Patch{
	Etcd:      kubeadm.EtcdPatch{Args: []kubeadm.Arg{{Name: "quota-backend-bytes", Value: "1"}}},
	APIServer: kubeadm.APIServerPatch{Args: []kubeadm.Arg{{Name: "feature-gates", Value: "Mine=true"}}},
	Kubelet:   &kubeletv1beta1.KubeletConfiguration{ClusterDomain: "mine.local"},
}

const oneSpec, noServer, noKubelet = `kubernetesVersion: "1.34"`, `{kubernetesVersion: "1.34", apiServer: {disabled: true}}`, `{kubernetesVersion: "1.34", kubelet: {disabled: true}}`

// bundleChanges are changes by the field of Bundle that they are made in.
var bundleChanges = map[string][]bundleChange{
	"Warnings": {
		{name: "another", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Warnings[0].Message = "Mine" }, file: kubetrace.FileReadme, says: ": Mine. "},
		{name: "none", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Warnings = nil }, file: kubetrace.FileReadme, says: "kubeadm init"},
	},
	"TracingConfiguration": {
		{name: "endpoint", spec: oneSpec, change: func(b *kubetrace.Bundle) { *b.TracingConfiguration.Endpoint = "10.0.0.1:4317" }, field: "TracingConfiguration.endpoint"},
		{name: "rate", spec: oneSpec, change: func(b *kubetrace.Bundle) { *b.TracingConfiguration.SamplingRatePerMillion = 0 }, field: "TracingConfiguration.samplingRatePerMillion"},
		{name: "no rate", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.TracingConfiguration.SamplingRatePerMillion = nil }, field: "TracingConfiguration.samplingRatePerMillion"},
		{name: "a rate of 0", spec: `{kubernetesVersion: "1.34", samplingRatePerMillion: 0}`, change: func(b *kubetrace.Bundle) { *b.TracingConfiguration.SamplingRatePerMillion = 1 }, field: "TracingConfiguration.samplingRatePerMillion"},
		{name: "version", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.TracingConfiguration.APIVersion = "v1" }, field: "TracingConfiguration.apiVersion"},
		{name: "gone", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.TracingConfiguration = nil }, field: "TracingConfiguration"},
		{name: "there", spec: noServer, change: func(b *kubetrace.Bundle) {
			b.TracingConfiguration = mustGenerate(oneSpec).TracingConfiguration
		}, field: "TracingConfiguration"},
	},
	"Kubelet": {
		{name: "endpoint", spec: oneSpec, change: func(b *kubetrace.Bundle) { *b.Kubelet.Tracing.Endpoint = "10.0.0.1:4317" }, field: "Kubelet.tracing.endpoint"},
		{name: "gone", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Kubelet = nil }, field: "Kubelet"},
		{name: "gate", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.Kubelet.FeatureGates = nil }, field: "Kubelet.featureGates[KubeletTracing]"},
		{name: "there", spec: noKubelet, change: func(b *kubetrace.Bundle) { b.Kubelet = ownPatch.Kubelet }, field: "Kubelet"},
		{name: "a field more", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Kubelet.ClusterDomain = "mine.local" }, file: kubetrace.FileKubelet, says: "clusterDomain: mine.local"},
	},
	"EtcdArgs": {
		{name: "another", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.EtcdArgs[1].Value = "10.0.0.1:4317" }, field: "EtcdArgs[distributed-tracing-address].Value"},
		{name: "one more", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.EtcdArgs = append(b.EtcdArgs, ownPatch.Etcd.Args...) }, field: "EtcdArgs[quota-backend-bytes]"},
		{name: "gone", spec: runBookSpecs["own etcd"], change: func(b *kubetrace.Bundle) { b.EtcdArgs = nil }, field: "EtcdArgs[enable-distributed-tracing]"},
	},
	"APIServerArgs": {
		{name: "another", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.APIServerArgs[0].Value = "/tmp/a" }, field: "APIServerArgs[tracing-config-file].Value"},
		{name: "gone", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.APIServerArgs = nil }, field: "APIServerArgs[tracing-config-file]"},
	},
	"Kubeadm": {
		{name: "etcd's endpoint", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Kubeadm.Etcd.Args[1].Value = "10.0.0.1:4317" }, field: "Kubeadm.Etcd.Args[distributed-tracing-address].Value"},
		{name: "a flag twice", spec: oneSpec, change: func(b *kubetrace.Bundle) {
			b.Kubeadm.APIServer.Args = append(b.Kubeadm.APIServer.Args, kubeadm.Arg{Name: "tracing-config-file", Value: "/a"})
		}, field: "Kubeadm.APIServer.Args[tracing-config-file].Value"},
		{name: "no flags", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Kubeadm.APIServer.Args = nil }, field: "Kubeadm.APIServer.Args[tracing-config-file]"},
		{name: "gate", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.Kubeadm.APIServer.Args[1].Value = "Mine=true" }, field: "Kubeadm.APIServer.Args[feature-gates].APIServerTracing"},
		{name: "volume", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Kubeadm.APIServer.Volumes[0].ReadOnly = false }, field: "Kubeadm.APIServer.Volumes[tracing-config].ReadOnly"},
		{name: "version", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.Kubeadm.KubernetesVersion = "v1.26.4" }, field: "Kubeadm.KubernetesVersion"},
		{name: "kubelet", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Kubeadm.Kubelet = nil }, field: "Kubeadm.Kubelet"},
		{name: "a file more", spec: oneSpec, change: func(b *kubetrace.Bundle) {
			b.Kubeadm.Files = append(b.Kubeadm.Files, kubeadm.NodeFile{Path: "/etc/mine"})
		}, field: "Kubeadm.Files"},
		{name: "settings of an etcd of one's own", spec: runBookSpecs["own etcd"], change: func(b *kubetrace.Bundle) { b.Kubeadm.Etcd = ownPatch.Etcd }, field: "Kubeadm.Etcd"},
		{name: "flags more", spec: oneSpec, change: mergeOwn, file: kubetrace.FileKubeadm, says: "name: quota-backend-bytes"},
		{name: "gates more", spec: gatewaySpec, change: mergeOwn, file: kubetrace.FileKubeadm, says: "feature-gates: Mine=true,APIServerTracing=true"},
		{name: "etcd more", spec: `kubernetesVersion: "1.24"`, change: mergeOwn, file: kubetrace.FileReadme, says: "kubeadm init phase etcd local"},
		{name: "kubelet more", spec: noKubelet, change: mergeOwn, file: kubetrace.FileReadme, says: "kubeadm's ClusterConfiguration and KubeletConfiguration"},
		{name: "API server more", spec: noServer, change: mergeOwn, file: kubetrace.FileReadme, says: "kubeadm init phase control-plane apiserver"},
	},
	"Containerd": {
		{name: "gone", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.Containerd = nil }, field: "Containerd"},
		{name: "there", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Containerd = &containerd.DropIn{} }, field: "Containerd"},
		{name: "endpoint", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.Containerd.Environment[0].Value = "http://10.0.0.1:4317" }, field: "Containerd.Environment[OTEL_EXPORTER_OTLP_ENDPOINT].value"},
		{name: "a variable more", spec: gatewaySpec, change: func(b *kubetrace.Bundle) {
			b.Containerd.Environment = append(b.Containerd.Environment, envVar("GOGC", "50"))
		}, file: kubetrace.FileContainerd, says: `Environment="GOGC=50"`},
	},
	"ContainerdConfig": {
		{name: "gone", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.ContainerdConfig = nil }, field: "ContainerdConfig"},
		{name: "there", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.ContainerdConfig = &containerd.Config{} }, field: "ContainerdConfig"},
		{name: "rate", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { *b.ContainerdConfig.Tracing.SamplingRatio = 1 }, field: "ContainerdConfig.Tracing.SamplingRatio"},
	},
	"CRIO": {
		{name: "gone", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.CRIO = nil }, field: "CRIO"},
		{name: "there", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.CRIO = &crio.Config{} }, field: "CRIO"},
		{name: "rate", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { *b.CRIO.TracingSamplingRatePerMillion = 1 }, field: "CRIO.TracingSamplingRatePerMillion"},
	},
	"Collector": {
		{name: "gone", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Collector = nil }, field: "Collector[DaemonSet kubetrace-system/kubetrace-collector]"},
		{name: "name", spec: oneSpec, change: func(b *kubetrace.Bundle) { daemonSetOf(b).Name = "mine" }, field: "Collector[DaemonSet kubetrace-system/kubetrace-collector]"},
		{name: "namespace", spec: oneSpec, change: func(b *kubetrace.Bundle) { daemonSetOf(b).Namespace = "mine" }, field: "Collector[DaemonSet kubetrace-system/kubetrace-collector]"},
		{name: "resources", spec: oneSpec, change: func(b *kubetrace.Bundle) { daemonSetOf(b).Spec.Template.Spec.Containers[0].Resources.Limits = nil }, field: "Collector[DaemonSet kubetrace-system/kubetrace-collector].spec.template.spec.containers[collector].resources.limits[memory]"},
		{name: "a label more", spec: oneSpec, change: func(b *kubetrace.Bundle) { daemonSetOf(b).Labels["mine"] = "yes" }, file: kubetrace.FileCollector, says: "mine: \"yes\""},
		{name: "an object more", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Collector = append(b.Collector, ownObject()...) }, file: kubetrace.FileCollector, says: "name: mine"},
		{name: "the same of another namespace", spec: oneSpec, change: func(b *kubetrace.Bundle) {
			other := daemonSetOf(b).DeepCopy()
			other.Namespace = "mine"
			b.Collector = append(b.Collector, other)
		}, file: kubetrace.FileCollector, says: "namespace: mine"},
		{name: "a nil in place of an object", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Collector[2] = (*corev1.ConfigMap)(nil) }, field: "Collector[ConfigMap kubetrace-system/"},
		{name: "there", spec: runBookSpecs["nothing"], change: func(b *kubetrace.Bundle) { b.Collector = ownObject() }, field: "Collector"},
	},
	"Gateway": {
		{name: "gone", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.Gateway = nil }, field: "Gateway[Deployment kubetrace-gateway/kubetrace-gateway]"},
		{name: "there", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Gateway = ownObject() }, field: "Gateway"},
		{name: "an object more", spec: gatewaySpec, change: func(b *kubetrace.Bundle) { b.Gateway = append(b.Gateway, ownObject()...) }, file: kubetrace.FileGateway, says: "name: mine"},
	},
	"Backend": {
		{name: "gone", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Backend = nil }, field: "Backend[Deployment kubetrace-backend/kubetrace-jaeger]"},
		{name: "there", spec: `{kubernetesVersion: "1.34", collector: {exporter: {endpoint: "a.b:1"}}}`, change: func(b *kubetrace.Bundle) { b.Backend = ownObject() }, field: "Backend"},
		{name: "an object more", spec: oneSpec, change: func(b *kubetrace.Bundle) { b.Backend = append(b.Backend, ownObject()...) }, file: kubetrace.FileBackend, says: "name: mine"},
	},
}

func mergeOwn(b *kubetrace.Bundle) { b.Kubeadm = must(kubeadm.Merge(ownPatch, b.Kubeadm)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func mustGenerate(spec string) *kubetrace.Bundle {
	return must(kubetrace.Generate(must(tracing.Load([]byte(spec)))))
}

// TestBundleChanges says of every field of Bundle that what a program changes in it
// is in the files and the README, or an error that names the field.
func TestBundleChanges(t *testing.T) {
	for _, field := range reflect.VisibleFields(reflect.TypeOf(kubetrace.Bundle{})) {
		if field.IsExported() && len(bundleChanges[field.Name]) == 0 {
			t.Errorf("no change of Bundle.%s is tested", field.Name)
		}
	}
	for field, changes := range bundleChanges {
		for _, test := range changes {
			t.Run(field+", "+test.name, func(t *testing.T) {
				bundle := mustGenerate(test.spec)
				test.change(bundle)
				files, err := bundle.FS()
				if test.field != "" {
					named := regexp.MustCompile(`(?m)^Bundle\.` + regexp.QuoteMeta(test.field) + `( |:|[0-9a-z-]+\] )`)
					if err == nil || !named.MatchString(err.Error()) {
						t.Errorf("got %v, want an error that names Bundle.%s", err, test.field)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if text, err := fs.ReadFile(files, test.file); err != nil || !strings.Contains(string(text), test.says) {
					t.Errorf("%s does not say %q, %v:\n%s", test.file, test.says, err, text)
				}
			})
		}
	}
}

// TestChangedError says what a person reads.
func TestChangedError(t *testing.T) {
	for _, test := range []struct {
		change func(*kubetrace.Bundle)
		want   string
	}{
		{func(b *kubetrace.Bundle) { *b.TracingConfiguration.Endpoint = "a:1" }, `Bundle.TracingConfiguration.endpoint is "a:1", and the spec makes it "127.0.0.1:4317": change the spec and generate again`},
		{func(b *kubetrace.Bundle) { b.Kubelet = nil }, "Bundle.Kubelet is gone, and the spec asks for it: change the spec and generate again"},
		{func(b *kubetrace.Bundle) { b.Gateway = ownObject() }, "Bundle.Gateway is set, and the spec leaves it out: change the spec and generate again"},
	} {
		bundle := mustGenerate(oneSpec)
		test.change(bundle)
		_, err := bundle.FS()
		var changed *kubetrace.ChangedError
		if !errors.As(err, &changed) || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

// TestBundleDecided changes one after the other everything that a spec decides.
func TestBundleDecided(t *testing.T) {
	for spec, fields := range map[string][]string{
		fullSpec:    {"TracingConfiguration", "Kubelet", "EtcdArgs", "APIServerArgs", "Kubeadm", "Collector", "Gateway"},
		backendSpec: {"Backend"},
	} {
		resolved := must(tracing.Resolve(must(tracing.Load([]byte(spec)))))
		for i := 0; ; i++ {
			bundle := must(kubetrace.GenerateFor(resolved))
			count, path := i, ""
			for _, field := range fields {
				if path == "" {
					path = changeOne(reflect.ValueOf(bundle).Elem().FieldByName(field), field, &count)
				}
			}
			if path == "" {
				if i < 50 {
					t.Errorf("in %q there are only %d settings to change", fields, i)
				}
				break
			}
			if _, err := bundle.FS(); err == nil {
				t.Errorf("%s can be changed", path)
			}
		}
	}
}

// changeOne changes the setting that count reaches 0 at, and returns its path.
func changeOne(v reflect.Value, path string, count *int) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return changeOne(v.Elem(), path, count)
	case reflect.Struct:
		for i := range v.NumField() {
			// A Quantity and an IntOrString hold what cannot be set by itself.
			if field := v.Type().Field(i); field.IsExported() {
				if changed := changeOne(v.Field(i), path+"."+field.Name, count); changed != "" {
					return changed
				}
			}
		}
		return ""
	case reflect.Slice:
		for i := range v.Len() {
			if changed := changeOne(v.Index(i), path+"[]", count); changed != "" {
				return changed
			}
		}
		return ""
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			if *count == 0 {
				v.SetMapIndex(key, reflect.Value{})
			}
			if *count--; *count < 0 {
				return path + "[" + key.String() + "]"
			}
		}
		return ""
	}
	if v.IsZero() || !v.CanSet() {
		return ""
	}
	if *count--; *count >= 0 {
		return ""
	}
	v.SetZero()
	return path
}
