package kubetrace_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/apply"
	"kubetrace/check"
	"kubetrace/collector"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// The documents that a cluster is made of.
const (
	etcdPod       = "etcd.yaml"           // a static pod
	serverPod     = "kube-apiserver.yaml" // a static pod
	tracingFile   = "tracing.yaml"
	kubeletConfig = "kubelet-config" // and what every kubelet runs with
	kubeadmConfig = "kubeadm-config"
	kubeProxy     = "kube-proxy"
)

// madeOf are the documents of a cluster, by their names.
type madeOf map[string]map[string]any

// untraced are the documents of a cluster of a spec before anybody traces it.
func untraced(r tracing.Resolved) madeOf {
	tag := r.Spec().Etcd.ImageTag
	if tag == "" {
		tag = r.ControlPlane().EtcdHighest + "-0"
	}
	pod := func(name, image string, flags ...any) map[string]any {
		return map[string]any{
			"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": name, "namespace": "kube-system"},
			"spec": map[string]any{"containers": []any{map[string]any{
				"name": name, "image": image, "command": append([]any{name}, flags...),
				"volumeMounts": []any{map[string]any{"name": "pki", "mountPath": "/etc/kubernetes/pki"}},
			}}, "volumes": []any{map[string]any{"name": "pki", "hostPath": map[string]any{"path": "/etc/kubernetes/pki"}}}},
		}
	}
	all := madeOf{
		etcdPod:       pod("etcd", "registry.k8s.io/etcd:"+tag, "--data-dir=/var/lib/etcd"),
		serverPod:     pod("kube-apiserver", "registry.k8s.io/kube-apiserver:v"+r.KubernetesMinor()+".0", "--profiling=false"),
		kubeletConfig: {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "maxPods": 50.0},
		kubeadmConfig: {"apiVersion": r.ControlPlane().KubeadmAPIVersion, "kind": "ClusterConfiguration", "clusterName": "a"},
		kubeProxy:     {"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", "mode": "ipvs"},
	}
	if r.NotGenerated(tracing.ComponentAPIServer) == nil {
		all[tracingFile] = map[string]any{"apiVersion": r.ControlPlane().TracingConfigurationAPIVersion, "kind": "TracingConfiguration"}
	}
	return all
}

// written is a document as text.
func written(tree map[string]any) []byte { return must(yaml.Marshal(tree)) }

// traced are the documents of a cluster with a spec applied to each.
func traced(t *testing.T, r tracing.Resolved) madeOf {
	t.Helper()
	all := untraced(r)
	for name, tree := range all {
		result, refused, err := lay(r, written(tree), alone)
		if refused != nil || err != nil {
			t.Fatalf("%s: %v, %v", name, refused, err)
		}
		all[name] = trees(result.Text)[0]
	}
	return all
}

// alone are the options for a document that gets no other beside it.
var alone = apply.Options{HostDir: laid.HostDir, NoNewDocument: true}

// cluster is a cluster without its documents: nodes and the collector, as it runs.
func cluster(t *testing.T, r tracing.Resolved) check.State {
	t.Helper()
	var s check.State
	for name, release := range map[string]string{"a": r.KubernetesMinor(), "b": r.OldestKubelet().Kubernetes} {
		node := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelOSStable: "linux"}}}
		node.Status.NodeInfo.KubeletVersion = "v" + release + ".0"
		if name == "a" {
			node.Labels["node-role.kubernetes.io/control-plane"] = ""
		}
		s.Nodes = append(s.Nodes, node)
	}
	set := collector.DaemonSetFor(r)
	if set == nil {
		return s
	}
	set.Status = appsv1.DaemonSetStatus{DesiredNumberScheduled: 2, NumberReady: 2, UpdatedNumberScheduled: 2}
	s.DaemonSets, s.ConfigMaps = []appsv1.DaemonSet{*set}, []corev1.ConfigMap{*collector.ConfigMapFor(r)}
	for _, node := range s.Nodes {
		pod := corev1.Pod{ObjectMeta: *set.Spec.Template.ObjectMeta.DeepCopy(), Spec: *set.Spec.Template.Spec.DeepCopy()}
		pod.Name, pod.Namespace, pod.Spec.NodeName = set.Name+"-"+node.Name, set.Namespace, node.Name
		s.Pods = append(s.Pods, running(pod))
	}
	return s
}

func running(pod corev1.Pod) corev1.Pod {
	pod.Status.Phase = corev1.PodRunning
	for _, c := range pod.Spec.Containers {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{Name: c.Name, Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}})
	}
	return pod
}

// with is the state of a cluster that has these documents.
func with(t testing.TB, s check.State, all madeOf) check.State {
	t.Helper()
	s.Pods, s.ConfigMaps = slices.Clone(s.Pods), slices.Clone(s.ConfigMaps)
	for name, tree := range all {
		text := written(tree)
		keep := func(key string) {
			s.ConfigMaps = append(s.ConfigMaps, corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: name}, Data: map[string]string{key: string(text)}})
		}
		switch name {
		case etcdPod, serverPod:
			var pod corev1.Pod
			if err := yaml.Unmarshal(text, &pod); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			pod.Name, pod.Spec.NodeName = pod.Name+"-a", "a"
			s.Pods = append(s.Pods, running(pod))
		case tracingFile:
			s.TracingFiles = map[string][]byte{"a": text}
		case kubeadmConfig:
			keep("ClusterConfiguration")
		case kubeProxy:
			keep("config.conf")
		case kubeletConfig:
			keep("kubelet")
			for _, node := range s.Nodes {
				_ = s.AddConfigz(node.Name, must(json.Marshal(map[string]any{"kubeletconfig": tree}))) // which is a finding
			}
		}
	}
	return s
}

// fault is something that is wrong with a document, or looks as if it were.
type fault struct {
	name, document string
	component      tracing.Component
	change         func(tree map[string]any)
	// wrong says that check has to find it; of others check and apply only have to say
	// the same. restored says that apply's result is the document as it was.
	wrong, restored bool
}

// container is the container of a static pod.
func container(tree map[string]any) map[string]any {
	return tree["spec"].(map[string]any)["containers"].([]any)[0].(map[string]any)
}

// ofComponent is the part of a ClusterConfiguration about a component.
func ofComponent(tree map[string]any, component tracing.Component) map[string]any {
	below := func(parent map[string]any, key string) map[string]any {
		child, ok := parent[key].(map[string]any)
		if !ok {
			child = map[string]any{}
			parent[key] = child
		}
		return child
	}
	if component == tracing.ComponentEtcd {
		return below(below(tree, "etcd"), "local")
	}
	return below(tree, "apiServer")
}

// flagsOf are the flags of a component in a document, "name=value".
func flagsOf(tree map[string]any, component tracing.Component) []string {
	var flags []string
	if tree["kind"] == "Pod" {
		for _, element := range container(tree)["command"].([]any)[1:] {
			flags = append(flags, strings.TrimPrefix(fmt.Sprint(element), "--"))
		}
		return flags
	}
	switch args := ofComponent(tree, component)["extraArgs"].(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(args)) {
			flags = append(flags, fmt.Sprintf("%s=%v", name, args[name]))
		}
	case []any:
		for _, arg := range args {
			fields := arg.(map[string]any)
			flags = append(flags, fmt.Sprintf("%v=%v", fields["name"], fields["value"]))
		}
	}
	return flags
}

// setFlags writes the flags of a component into a document.
func setFlags(tree map[string]any, component tracing.Component, flags []string) {
	if tree["kind"] == "Pod" {
		command := container(tree)["command"].([]any)[:1:1]
		for _, flag := range flags {
			command = append(command, "--"+flag)
		}
		container(tree)["command"] = command
		return
	}
	if lists(tree) {
		var args []any
		for _, flag := range flags {
			name, value, _ := strings.Cut(flag, "=")
			args = append(args, map[string]any{"name": name, "value": value})
		}
		ofComponent(tree, component)["extraArgs"] = args
		return
	}
	args := map[string]any{}
	for _, flag := range flags {
		name, value, _ := strings.Cut(flag, "=")
		args[name] = value
	}
	ofComponent(tree, component)["extraArgs"] = args
}

// lists says whether a document has flags as a list, and variables.
func lists(tree map[string]any) bool {
	return tree["kind"] == "Pod" || tree["apiVersion"] == "kubeadm.k8s.io/v1beta4"
}

// setVariable gives a component a variable.
func setVariable(tree map[string]any, component tracing.Component, name, value string) {
	fields, key := map[string]any(nil), "env"
	if tree["kind"] == "Pod" {
		fields = container(tree)
	} else {
		fields, key = ofComponent(tree, component), "extraEnvs"
	}
	env, _ := fields[key].([]any)
	fields[key] = append(env, map[string]any{"name": name, "value": value})
}

// edited are flags after an edit of one of a name; without values it goes.
func edited(flags []string, name string, now ...string) []string {
	var all []string
	for _, flag := range flags {
		if !strings.HasPrefix(flag, name+"=") {
			all = append(all, flag)
			continue
		}
		all, now = append(all, now...), nil
	}
	return append(all, now...)
}

// others are values that are not right for most settings.
var others = []string{"false", "maybe", "7", "10.9.9.9:4317", "localhost:4317", "collector.observability.svc:4317", "/elsewhere/file.yaml", ""}

// flagFaults are what may be wrong with a flag, in the static pod and in what kubeadm
// keeps.
func flagFaults(r tracing.Resolved, component tracing.Component, s setting.Setting) []fault {
	var all []fault
	pod := map[tracing.Component]string{tracing.ComponentEtcd: etcdPod, tracing.ComponentAPIServer: serverPod}[component]
	for _, document := range []string{pod, kubeadmConfig} {
		add := func(name string, wrong, restored bool, change func(tree map[string]any, flags []string) []string) {
			all = append(all, fault{name: "--" + s.Name + " " + name, document: document, component: component, wrong: wrong, restored: restored,
				change: func(tree map[string]any) { setFlags(tree, component, change(tree, flagsOf(tree, component))) }})
		}
		own := s.Value == tracing.DefaultEtcdServiceName && document == pod // which is the default
		add("is missing", !own, true, func(_ map[string]any, flags []string) []string { return edited(flags, s.Name) })
		for _, value := range others {
			if value != s.Value {
				add("is "+value, true, true, func(_ map[string]any, flags []string) []string { return edited(flags, s.Name, s.Name+"="+value) })
			}
		}
		hasLists := document == pod || r.ControlPlane().KubeadmAPIVersion == "kubeadm.k8s.io/v1beta4"
		if hasLists {
			add("is there twice, and the second one is another", true, false, func(_ map[string]any, flags []string) []string {
				return edited(flags, s.Name, s.Name+"="+s.Value, s.Name+"="+others[3])
			})
			add("is there twice, and the first one is another", false, false, func(_ map[string]any, flags []string) []string {
				return edited(flags, s.Name, s.Name+"="+others[3], s.Name+"="+s.Value)
			})
		}
		if component != tracing.ComponentEtcd {
			continue
		}
		other, was := strings.CutPrefix(s.Name, "experimental-")
		if !was {
			other = "experimental-" + s.Name
		}
		add("is spelt as "+other, true, true, func(_ map[string]any, flags []string) []string { return edited(flags, s.Name, other+"="+s.Value) })
		add("is there in both spellings", true, true, func(_ map[string]any, flags []string) []string { return append(flags, other+"="+s.Value) })
		add("has a neighbour that etcd never had", true, true, func(_ map[string]any, flags []string) []string { return append(flags, s.Name+"-x=1") })
		if hasLists {
			for _, name := range []string{s.Name, other} {
				variable := setting.EtcdVariable(name)
				add("is the variable "+variable, false, false, func(tree map[string]any, flags []string) []string {
					setVariable(tree, component, variable, s.Value)
					return edited(flags, s.Name)
				})
				add("is the variable "+variable+" too", false, false, func(tree map[string]any, flags []string) []string {
					setVariable(tree, component, variable, s.Value)
					return flags
				})
				add("is the variable "+variable+" with another value", false, false, func(tree map[string]any, flags []string) []string {
					setVariable(tree, component, variable, others[3])
					return edited(flags, s.Name)
				})
			}
		}
	}
	return all
}

// neighbourFaults are what makes the settings of a component void.
func neighbourFaults(r tracing.Resolved, component tracing.Component) []fault {
	var all []fault
	pod := map[tracing.Component]string{tracing.ComponentEtcd: etcdPod, tracing.ComponentAPIServer: serverPod}[component]
	for _, document := range []string{pod, kubeadmConfig} {
		add := func(name string, wrong, restored bool, change func(tree map[string]any)) {
			all = append(all, fault{name, document, component, change, wrong, restored})
		}
		if component == tracing.ComponentEtcd {
			add("--config-file", true, false, func(tree map[string]any) {
				setFlags(tree, component, append(flagsOf(tree, component), "config-file=/etc/etcd.yaml"))
			})
		}
		if document == pod {
			add("a shell", true, false, func(tree map[string]any) {
				container(tree)["command"] = []any{"sh", "-c", "exec " + string(component) + " --v=2"}
			})
		}
		if document != pod && r.ControlPlane().KubeadmAPIVersion != "kubeadm.k8s.io/v1beta4" {
			continue
		}
		for name, values := range map[string][]string{
			"OTEL_EXPORTER_OTLP_CERTIFICATE": {"/ca.crt"}, "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE": {"/ca.crt"},
			"OTEL_EXPORTER_OTLP_TIMEOUT": {"1"}, "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": {"20"},
		} {
			add(name, true, true, func(tree map[string]any) { setVariable(tree, component, name, values[0]) })
		}
		for _, name := range []string{"OTEL_TRACES_SAMPLER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "ETCD_DISTRIBUTED_TRACING_SAMPLING", "GOGC"} {
			add(name, false, false, func(tree map[string]any) { setVariable(tree, component, name, "1") })
		}
		if component == tracing.ComponentEtcd {
			add("ETCD_CONFIG_FILE", true, false, func(tree map[string]any) { setVariable(tree, component, "ETCD_CONFIG_FILE", "/a") })
		}
	}
	return all
}

// gateTexts are values of the flag of feature gates, and a kubelet's gates. X stands for
// a gate of tracing.
var gateTexts = []string{"", "X=true", "X=false", "X=maybe", "X=false,X=true", "X=true,X=false", "kube:X=false", "kube:X=true", "x=true",
	"AllBeta=false", "AllBeta=false,X=true", "AllAlpha=true", "AllAlpha=true,AllBeta=true", "Other=true,X=true", "Other=true"}

// gateFaults are gates wherever they may be. Whether they are wrong the release says.
func gateFaults() []fault {
	var all []fault
	for _, gate := range []string{tracing.GateNameAPIServer, tracing.GateNameKubelet} {
		for _, text := range gateTexts {
			value := strings.ReplaceAll(strings.ReplaceAll(text, "X", gate), "x=", strings.ToLower(gate)+"=")
			for _, document := range []string{serverPod, kubeadmConfig} {
				all = append(all, fault{name: "--feature-gates=" + value, document: document, component: tracing.ComponentAPIServer, change: func(tree map[string]any) {
					flags := edited(flagsOf(tree, tracing.ComponentAPIServer), "feature-gates")
					if value != "" {
						flags = append(flags, "feature-gates="+value)
					}
					setFlags(tree, tracing.ComponentAPIServer, flags)
				}})
			}
			gates, err := setting.ParseGates(value)
			if err != nil {
				continue
			}
			for document, component := range map[string]tracing.Component{kubeletConfig: tracing.ComponentKubelet, kubeProxy: "kube-proxy", kubeadmConfig: tracing.ComponentAPIServer} {
				all = append(all, fault{name: "featureGates " + value, document: document, component: component, change: func(tree map[string]any) {
					fields := map[string]any{}
					for _, gate := range gates {
						fields[gate.Name] = gate.On
					}
					tree["featureGates"] = fields
				}})
			}
		}
	}
	return all
}

// fieldFaults are what may be wrong with the file of a component.
func fieldFaults(r tracing.Resolved, component tracing.Component, s setting.Setting) []fault {
	document, path := tracingFile, strings.Split(s.Name, ".")
	if component == tracing.ComponentKubelet {
		document = kubeletConfig
	}
	key := path[len(path)-1]
	var all []fault
	add := func(name string, wrong, restored bool, change func(fields map[string]any)) {
		all = append(all, fault{s.Name + " " + name, document, component, func(tree map[string]any) {
			for _, step := range path[:len(path)-1] {
				tree = tree[step].(map[string]any)
			}
			change(tree)
		}, wrong, restored})
	}
	if s.Key == setting.FieldAPIVersion {
		for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
			now := "apiserver.config.k8s.io/" + version
			add("is "+version, now != s.Value, now != s.Value, func(fields map[string]any) { fields[key] = now })
		}
		return all
	}
	add("is missing", s.Value != "0", true, func(fields map[string]any) { delete(fields, key) })
	add("is null", s.Value != "0", true, func(fields map[string]any) { fields[key] = nil })
	for name := range map[string]bool{strings.ToUpper(key): true, strings.ToUpper(key[:1]) + key[1:]: true} {
		add("is "+name, true, true, func(fields map[string]any) { fields[name] = fields[key]; delete(fields, key) })
	}
	if s.Key == setting.FieldRate {
		for _, rate := range []float64{0, 1, 1e6, 1e6 + 1, -1, 0.5} {
			if fmt.Sprint(rate) != s.Value && fmt.Sprintf("%.0f", rate) != s.Value {
				add(fmt.Sprint("is ", rate), true, true, func(fields map[string]any) { fields[key] = rate })
			}
		}
		add("is a text", true, true, func(fields map[string]any) { fields[key] = s.Value })
		return all
	}
	for _, value := range []any{7.0, true, "10.9.9.9:4317", "localhost:4317", "", "http://127.0.0.1:4317"} {
		add(fmt.Sprintf("is %#v", value), true, true, func(fields map[string]any) { fields[key] = value })
	}
	return all
}

// mountFaults are what may be wrong with the mount of the tracing file.
func mountFaults(r tracing.Resolved) []fault {
	var all []fault
	add := func(document, name string, wrong, restored bool, change func(tree map[string]any)) {
		all = append(all, fault{name, document, tracing.ComponentAPIServer, change, wrong, restored})
	}
	add(kubeadmConfig, "no extraVolumes", true, true, func(tree map[string]any) {
		delete(ofComponent(tree, tracing.ComponentAPIServer), "extraVolumes")
	})
	add(serverPod, "no volumeMounts", true, false, func(tree map[string]any) {
		mounts := container(tree)["volumeMounts"].([]any)
		container(tree)["volumeMounts"] = mounts[:1]
	})
	for _, change := range []struct {
		name         string
		volume, path string
		value        string
		wrong        bool
	}{
		{"another file", "hostPath", "path", "/srv/elsewhere.yaml", true},
		{"a file that is made", "pathType", "type", "FileOrCreate", true},
		{"a folder that is made", "pathType", "type", "DirectoryOrCreate", true},
		{"any type", "pathType", "type", "", false},
	} {
		add(kubeadmConfig, "extraVolumes: "+change.name, change.wrong, change.wrong, func(tree map[string]any) {
			volume := ofComponent(tree, tracing.ComponentAPIServer)["extraVolumes"].([]any)[0].(map[string]any)
			volume[change.volume] = change.value
		})
		add(serverPod, "volumes: "+change.name, change.wrong, false, func(tree map[string]any) {
			volumes := tree["spec"].(map[string]any)["volumes"].([]any)
			volumes[len(volumes)-1].(map[string]any)["hostPath"].(map[string]any)[change.path] = change.value
		})
	}
	return all
}

// faultsOf are all faults of a spec.
func faultsOf(r tracing.Resolved) []fault {
	all := gateFaults()
	for _, component := range []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer, tracing.ComponentKubelet} {
		for _, s := range setting.Of(r, component) {
			switch {
			case s.Kind == setting.Flag:
				all = append(all, flagFaults(r, component, s)...)
			case s.Kind == setting.Field:
				all = append(all, fieldFaults(r, component, s)...)
			}
		}
		if r.NotGenerated(component) == nil && component != tracing.ComponentKubelet {
			all = append(all, neighbourFaults(r, component)...)
		}
	}
	if r.NotGenerated(tracing.ComponentAPIServer) == nil {
		all = append(all, mountFaults(r)...)
	}
	return all
}

// inOrder is a tree whose lists are in one order: that of flags and mounts means nothing.
func inOrder(value any) any {
	switch value := value.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, each := range value {
			all[key] = inOrder(each)
		}
		return all
	case []any:
		all := make([]any, len(value))
		for i, each := range value {
			all[i] = inOrder(each)
		}
		text := func(i int) string { return string(must(json.Marshal(all[i]))) }
		sort.SliceStable(all, func(i, j int) bool { return text(i) < text(j) })
		return all
	}
	return value
}

// TestLawOneVerdict breaks each setting of each component, one at a time, wherever it may
// stand. check finds something just where apply changes or refuses something; what is
// wrong both say; and when apply has changed it, check is silent.
func TestLawOneVerdict(t *testing.T) {
	count, seen := 0, map[string]bool{}
	for i, release := range sampled() {
		specs := generated(release)
		for n, name := range slices.Sorted(maps.Keys(specs)) {
			spec := specs[name]
			whole := resolve(t, spec)
			if name != "plain" && raceDetector {
				continue
			}
			for _, finding := range check.ClusterFor(whole, with(t, cluster(t, whole), traced(t, whole))) {
				t.Errorf("%s, %s: after apply check finds %s", release, name, finding)
			}
			if name != "plain" && (raceDetector || testing.Short() || (i+n)%20 != 0) {
				continue
			}
			spec.Collector.Disabled = true // it is judged by itself
			r := resolve(t, spec)
			// Neighbouring releases often say the same.
			if seen[sense(r)] {
				continue
			}
			seen[sense(r)] = true
			right, state := traced(t, r), cluster(t, r)
			for _, f := range faultsOf(r) {
				if right[f.document] == nil || f.document == serverPod && r.NotGenerated(tracing.ComponentAPIServer) != nil {
					continue // a component that the spec disables is not judged
				}
				count++
				t.Run(release+"/"+name+"/"+f.document+"/"+f.name, func(t *testing.T) {
					t.Parallel()
					f.judge(t, r, right, state)
				})
			}
		}
	}
	t.Logf("%d faults", count)
	if count < 1000 {
		t.Errorf("there are only %d faults, which tests too little", count)
	}
}

// sense is all that a release and a spec have to do with settings.
func sense(r tracing.Resolved) string {
	server, kubelets := r.ControlPlane(), r.OldestKubelet()
	lowest, highest := r.EtcdRange()
	return fmt.Sprint(setting.Of(r, tracing.ComponentEtcd), setting.Of(r, tracing.ComponentAPIServer), setting.Of(r, tracing.ComponentKubelet),
		server.APIServerTracing, server.KubeletTracing, kubelets.APIServerTracing, kubelets.KubeletTracing, server.KubeadmVersions(),
		server.TracingConfigurationStrict, strings.Split(lowest, ".")[1], strings.Split(highest, ".")[1])
}

// judge asks check and apply about a fault.
func (f fault) judge(t *testing.T, r tracing.Resolved, right madeOf, state check.State) {
	broken := trees(written(right[f.document]))[0]
	f.change(broken)
	text := written(broken)
	documents := maps.Clone(right)
	documents[f.document] = broken
	found := check.ClusterFor(r, with(t, state, documents))
	options := alone
	options.Overwrite = true
	result, refused, err := lay(r, text, options)
	if err != nil {
		t.Fatal(err)
	}
	if changes := refused != nil || len(result.Receipt.Edits) > 0; changes != (len(found) > 0) && !f.isDefault(r) {
		t.Fatalf("check finds %v, and apply edits %+v, or refuses: %v\n%s", found, result.Receipt.Edits, refused, text)
	}
	if f.wrong && !slices.ContainsFunc(found, func(finding check.Finding) bool { return finding.Component == f.component }) {
		t.Errorf("check finds nothing of %s: %v\n%s", f.component, found, text)
	}
	if refused != nil {
		for _, name := range faults(refused) {
			if name == "" {
				t.Errorf("the error names no setting: %v", refused)
			}
		}
		return
	}
	now := trees(result.Text)[0]
	if diff := cmp.Diff(inOrder(right[f.document]), inOrder(now)); f.restored && diff != "" {
		t.Errorf("apply does not make it what it was (-right +applied):\n%s", diff)
	}
	documents[f.document] = now
	for _, finding := range check.ClusterFor(r, with(t, state, documents)) {
		t.Errorf("after apply check finds %s\n%s", finding, result.Text)
	}
}

// isDefault says whether what is missing is what etcd does by itself: apply writes it all
// the same, and check does not miss it.
func (f fault) isDefault(r tracing.Resolved) bool {
	return f.document == etcdPod && strings.HasSuffix(f.name, "service-name is missing") && r.Spec().Etcd.ServiceName == tracing.DefaultEtcdServiceName
}
