package scenario

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/yaml"

	"kubetrace/check"
	"kubetrace/collector"
	"kubetrace/e2e/lab"
	"kubetrace/tracing"
)

// Sabotage is a setting of a traced cluster that somebody makes wrong.
type Sabotage struct {
	// Name says what.
	Name string
	// Component, Setting (a part of it) and Severity are of the finding. Where there
	// is no Severity nothing is to be found: it is wrong elsewhere, or no fault.
	Component tracing.Component
	Setting   string
	Severity  check.Severity
	// Do makes it wrong, and returns what makes it right again.
	Do func(ctx context.Context, r *Run) (undo func(context.Context) error, err error)
	// Same says that the next sabotage changes the same file, so that the cluster
	// need not be healthy in between.
	Same bool
}

// Sabotages are what check has to find, one after the other.
func (p Plan) Sabotages() []Sabotage {
	const etcd, server, kubelet, agent = tracing.ComponentEtcd, tracing.ComponentAPIServer, tracing.ComponentKubelet, tracing.ComponentCollector
	all := []Sabotage{
		{"etcd is not told to trace", etcd, "enable-distributed-tracing", check.NoTraces, manifestEdit("etcd", "(?m)^ +- --(experimental-)?enable-distributed-tracing=true\n", ""), true},
		{"etcd sends to a Service's name", etcd, "distributed-tracing-address", check.NoTraces, manifestEdit("etcd", "(distributed-tracing-address=).*", "${1}collector.traces.svc:4317"), true},
		{"etcd has a millisecond to send", etcd, "OTEL_EXPORTER_OTLP_TIMEOUT", check.NoTraces, variable("etcd", "OTEL_EXPORTER_OTLP_TIMEOUT", "1"), true},
		{"etcd has no rate", etcd, "distributed-tracing-sampling-rate", check.NoTraces, manifestEdit("etcd", "(?m)^ +- --(experimental-)?distributed-tracing-sampling-rate=.*\n", ""), false},
		{"kube-apiserver has no tracing file", server, "--tracing-config-file", check.NoTraces, manifestEdit("kube-apiserver", "(?m)^ +- --tracing-config-file=.*\n", ""), true},
		{"kube-apiserver has a certificate to trust", server, "OTEL_EXPORTER_OTLP_CERTIFICATE", check.NoTraces, variable("kube-apiserver", "OTEL_EXPORTER_OTLP_CERTIFICATE", "/etc/kubernetes/pki/ca.crt"), true},
	}
	if p.Release.Minor == "1.29" {
		all = append(all, p.lenient()...)
	} else {
		all = append(all, p.strict()...)
	}
	return append(all, []Sabotage{
		{"kube-apiserver sends to localhost", server, "endpoint", check.NoTraces, tracingFileEdit("endpoint: .*", "endpoint: localhost:4317"), true},
		{"a kubelet is not traced", kubelet, "tracing", check.NoTraces, kubeletEdit(func(config map[string]any) { delete(config, "tracing") }), true},
		{"a kubelet has no rate", kubelet, "tracing.samplingRatePerMillion", check.NoTraces, kubeletEdit(func(config map[string]any) {
			if fields, ok := config["tracing"].(map[string]any); ok {
				delete(fields, "samplingRatePerMillion")
			}
		}), false},
		{"kubelets that join would not be traced", kubelet, "ConfigMap kubelet-config", check.Stale, storedEdit("kubelet-config", "kubelet", fieldsEdit(func(fields map[string]any) { delete(fields, "tracing") })), true},
		{"the next etcd would have flags of another release", etcd, "ConfigMap kubeadm-config", check.RefusesToStart, storedEdit("kubeadm-config", "ClusterConfiguration", otherSpelling), false},
		{"the collector has a variable of somebody's", agent, "", "", daemonSetEdit(func(d *appsv1.DaemonSet) {
			c := &d.Spec.Template.Spec.Containers[0]
			c.Env = append(c.Env, corev1.EnvVar{Name: "HTTPS_PROXY", Value: "http://192.0.2.1:3128"}, corev1.EnvVar{Name: "NO_PROXY", Value: "*"})
		}), false},
		{"the collector keeps off control-plane nodes", agent, "pod", check.NoTraces, intolerant, false},
		{"the collector's pods are forbidden", agent, "pods", check.NoTraces, forbidden, false},
		{"the collector is in a network of its own", agent, "hostNetwork", check.NoTraces, daemonSetEdit(func(d *appsv1.DaemonSet) {
			d.Spec.Template.Spec.HostNetwork = false
			d.Spec.Template.Spec.DNSPolicy = corev1.DNSClusterFirst
		}), false},
		{"the collector listens for everybody", agent, "endpoint", check.Exposed, everywhere, false},
		{"the collector's port is taken", agent, "port ", check.NoTraces, portTaken, false},
		{"the collector is gone", agent, "DaemonSet", check.NoTraces, withoutCollector, false},
	}...)
}

// lenient are those of releases that know the gates, and whose kube-apiserver passes
// over fields that it does not know.
func (p Plan) lenient() []Sabotage {
	const server = tracing.ComponentAPIServer
	return []Sabotage{
		{"kube-apiserver's gate is off", server, "--feature-gates", check.NoTraces, manifestEdit("kube-apiserver", "(?m)^( +)- (--tracing-config-file=.*)$", "${1}- ${2}\n${1}- --feature-gates=APIServerTracing=false"), false},
		{"kube-apiserver's rate is in another case", server, "samplingRatePerMillion", check.NoTraces, tracingFileEdit("samplingRatePerMillion", "SamplingRatePerMillion"), true},
		{"kube-apiserver's file has a field that nobody knows", server, "", "", tracingFileEdit("$", "serviceName: apiserver\n"), true},
	}
}

// strict are those of releases that have forgotten the gates, and whose kube-apiserver
// does not start with a field that it does not know. It reads its file, and kubeadm
// what it keeps, only later.
func (p Plan) strict() []Sabotage {
	const server = tracing.ComponentAPIServer
	return []Sabotage{
		{"kube-apiserver makes an empty file where there is none", server, "volume tracing-config type", check.Stale, manifestEdit("kube-apiserver", "(?m)(path: /etc/kubernetes/tracing-config.yaml\n +type: )File$", "${1}FileOrCreate"), false},
		{"kube-apiserver's rate is in another case", server, "SamplingRatePerMillion", check.RefusesToStart, tracingFileEdit("samplingRatePerMillion", "SamplingRatePerMillion"), true},
		{"kube-apiserver's file has a field that nobody knows", server, "serviceName", check.RefusesToStart, tracingFileEdit("$", "serviceName: apiserver\n"), true},
		{"the next kube-apiserver would have an old gate", server, "ConfigMap kubeadm-config", check.RefusesToStart,
			storedEdit("kubeadm-config", "ClusterConfiguration", replace("(?m)^( +)- name: tracing-config-file$", "${1}- name: feature-gates\n${1}  value: "+oldGate+"=true\n${0}")), true},
		{"the next kube-proxy would have an old gate", "kube-proxy", "ConfigMap kube-proxy", check.RefusesToStart,
			storedEdit("kube-proxy", "config.conf", fieldsEdit(func(fields map[string]any) { fields["featureGates"] = map[string]any{oldGate: true} })), true},
	}
}

// Sabotaged makes one setting after the other wrong. Each has to be found, and
// nothing that is not wrong; made right again, nothing is found.
func (r *Run) Sabotaged(ctx context.Context) error {
	if err := r.Checked(ctx); err != nil {
		return err
	}
	for _, sabotage := range r.Plan.Sabotages() {
		r.log("%s", sabotage.Name)
		undo, err := sabotage.Do(ctx, r)
		if err == nil {
			err = r.found(ctx, sabotage)
		}
		if undo != nil {
			err = errors.Join(err, undo(ctx))
		}
		if err == nil && !sabotage.Same {
			err = r.Checked(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", sabotage.Name, err)
		}
	}
	return nil
}

// found waits until check finds a sabotage and nothing of other components, three
// times in a row: what a rollout or a restart shows on its way does not count.
func (r *Run) found(ctx context.Context, s Sabotage) error {
	lasts := 0
	return lab.Wait(ctx, 5*time.Minute, "the finding", time.Second, func(ctx context.Context) error {
		findings, err := r.findings(ctx)
		if err != nil {
			return err
		}
		if err := s.shownBy(findings); err != nil {
			lasts = 0
			return err
		}
		if lasts++; lasts < 3 {
			return fmt.Errorf("it was found %d times, which may pass", lasts)
		}
		return nil
	})
}

// shownBy is an error where findings do not name a sabotage, or others too.
func (s Sabotage) shownBy(findings []check.Finding) error {
	if s.Severity == "" {
		return unwanted(findings)
	}
	named := false
	var others []check.Finding
	for _, f := range findings {
		named = named || f.Component == s.Component && strings.Contains(f.Setting, s.Setting) && f.Severity == s.Severity
		if f.Component != s.Component {
			others = append(others, f)
		}
	}
	err := unwanted(others)
	if !named {
		err = errors.Join(err, fmt.Errorf("it is not found: %v", findings))
	}
	return err
}

// replace returns an edit of a text that has to have what a pattern matches.
func replace(pattern, replacement string) func(string) (string, error) {
	return func(text string) (string, error) {
		changed := regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
		if changed == text {
			return "", fmt.Errorf("there is nothing like %s in\n%s", pattern, text)
		}
		return changed, nil
	}
}

// manifestEdit changes a static pod of the first node.
func manifestEdit(component, pattern, replacement string) func(context.Context, *Run) (func(context.Context) error, error) {
	return func(ctx context.Context, r *Run) (func(context.Context) error, error) {
		return r.Cluster.ReplaceStaticPod(ctx, r.Cluster.Nodes()[0], component, replace(pattern, replacement))
	}
}

// variable gives the first node's static pod a variable.
func variable(component, name, value string) func(context.Context, *Run) (func(context.Context) error, error) {
	return manifestEdit(component, "(?m)^( +)image: .*$", "${0}\n${1}env:\n${1}- name: "+name+"\n${1}  value: \""+value+"\"")
}

// edit changes a file of a node, and returns what restores it.
func edit(node *lab.Node, file string, change func(string) (string, error)) (func(context.Context) error, error) {
	before, err := node.ReadFile(file)
	if err != nil {
		return nil, err
	}
	after, err := change(string(before))
	if err != nil {
		return nil, err
	}
	undo := func(context.Context) error { return node.WriteFile(file, before, 0o600) }
	return undo, node.WriteFile(file, []byte(after), 0o600)
}

// tracingFileEdit changes what the first node's kube-apiserver would read when it
// starts again.
func tracingFileEdit(pattern, replacement string) func(context.Context, *Run) (func(context.Context) error, error) {
	return func(_ context.Context, r *Run) (func(context.Context) error, error) {
		return edit(r.Cluster.Nodes()[0], r.resolved.Spec().APIServer.ConfigFile, replace(pattern, replacement))
	}
}

// kubeletEdit changes what the first node's kubelet runs with.
func kubeletEdit(change func(map[string]any)) func(context.Context, *Run) (func(context.Context) error, error) {
	return func(ctx context.Context, r *Run) (func(context.Context) error, error) {
		node := r.Cluster.Nodes()[0]
		undo, err := edit(node, "/var/lib/kubelet/config.yaml", fieldsEdit(change))
		if err != nil {
			return undo, err
		}
		return func(ctx context.Context) error {
			return errors.Join(undo(ctx), r.Cluster.RestartKubelet(ctx, node))
		}, r.Cluster.RestartKubelet(ctx, node)
	}
}

// fieldsEdit returns an edit of a YAML text by its fields.
func fieldsEdit(change func(map[string]any)) func(string) (string, error) {
	return func(text string) (string, error) {
		var fields map[string]any
		if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
			return "", err
		}
		change(fields)
		after, err := yaml.Marshal(fields)
		return string(after), err
	}
}

// storedEdit changes a document that kubeadm keeps in the cluster.
func storedEdit(configMap, key string, change func(string) (string, error)) func(context.Context, *Run) (func(context.Context) error, error) {
	return func(ctx context.Context, r *Run) (func(context.Context) error, error) {
		var before string
		err := r.Cluster.EditStored(ctx, configMap, key, func(text string) (string, error) {
			before = text
			return change(text)
		})
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) error {
			return r.Cluster.EditStored(ctx, configMap, key, func(string) (string, error) { return before, nil })
		}, nil
	}
}

// otherSpelling gives etcd the flag that only older or only newer releases have.
func otherSpelling(text string) (string, error) {
	const flag, experimental = "enable-distributed-tracing", "experimental-enable-distributed-tracing"
	if strings.Contains(text, experimental) {
		return replace(experimental, flag)(text)
	}
	return replace(flag, experimental)(text)
}

// daemonSetEdit changes the collector's DaemonSet.
func daemonSetEdit(change func(*appsv1.DaemonSet)) func(context.Context, *Run) (func(context.Context) error, error) {
	return func(ctx context.Context, r *Run) (func(context.Context) error, error) {
		want := collector.DaemonSetFor(r.resolved)
		sets := r.Cluster.Client().AppsV1().DaemonSets(want.Namespace)
		update := func(ctx context.Context, change func(*appsv1.DaemonSet)) error {
			// Its controller writes the status.
			return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
				set, err := sets.Get(ctx, want.Name, metav1.GetOptions{})
				if err != nil {
					return err
				}
				change(set)
				_, err = sets.Update(ctx, set, metav1.UpdateOptions{})
				return err
			})
		}
		var before *appsv1.DaemonSetSpec
		err := update(ctx, func(set *appsv1.DaemonSet) {
			before = set.Spec.DeepCopy()
			change(set)
		})
		if before == nil {
			return nil, err
		}
		return func(ctx context.Context) error {
			return update(ctx, func(set *appsv1.DaemonSet) { set.Spec = *before })
		}, err
	}
}

// intolerant takes the collector's tolerations, on a node with the taint that
// kubeadm gives those of the control plane. A pod that is there would stay.
func intolerant(ctx context.Context, r *Run) (func(context.Context) error, error) {
	taint := []string{"taint", "node", r.Cluster.Nodes()[0].Name, "node-role.kubernetes.io/control-plane:NoSchedule"}
	if _, err := r.Cluster.Kubectl(ctx, taint...); err != nil {
		return nil, err
	}
	back, err := daemonSetEdit(func(d *appsv1.DaemonSet) { d.Spec.Template.Spec.Tolerations = nil })(ctx, r)
	if err == nil {
		_, err = r.Cluster.Kubectl(ctx, "-n", "kubetrace-system", "delete", "pods", "--all")
	}
	return func(ctx context.Context) error {
		taint[len(taint)-1] += "-"
		_, err := r.Cluster.Kubectl(ctx, taint...)
		if back != nil {
			err = errors.Join(err, back(ctx))
		}
		return err
	}, err
}

// forbidden has pod security admission refuse the collector's pods. One that is there
// would stay.
func forbidden(ctx context.Context, r *Run) (func(context.Context) error, error) {
	namespace := collector.DaemonSetFor(r.resolved).Namespace
	label := func(ctx context.Context, standard string) error {
		_, err := r.Cluster.Kubectl(ctx, "label", "namespace", namespace, "--overwrite", "pod-security.kubernetes.io/enforce="+standard)
		return err
	}
	err := label(ctx, "baseline")
	if err == nil {
		_, err = r.Cluster.Kubectl(ctx, "-n", namespace, "delete", "pods", "--all")
	}
	return func(ctx context.Context) error {
		if err := label(ctx, "privileged"); err != nil {
			return err
		}
		// Its controller would wait longer and longer before it tries again.
		_, err := daemonSetEdit(func(d *appsv1.DaemonSet) {
			metav1.SetMetaDataAnnotation(&d.ObjectMeta, "kubetrace-e2e", "again")
		})(ctx, r)
		return err
	}, err
}

// everywhere has the collector listen on all addresses of its node.
func everywhere(ctx context.Context, r *Run) (func(context.Context) error, error) {
	config := collector.ConfigMapFor(r.resolved)
	config.Name, config.Immutable = "everywhere", nil
	for key, text := range config.Data {
		config.Data[key] = strings.ReplaceAll(text, "127.0.0.1:", "0.0.0.0:")
	}
	maps := r.Cluster.Client().CoreV1().ConfigMaps(config.Namespace)
	if _, err := maps.Create(ctx, config, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	undo, err := daemonSetEdit(func(d *appsv1.DaemonSet) {
		for i := range d.Spec.Template.Spec.Volumes {
			if volume := &d.Spec.Template.Spec.Volumes[i]; volume.ConfigMap != nil {
				volume.ConfigMap.Name = config.Name
			}
		}
	})(ctx, r)
	return func(ctx context.Context) error {
		err := maps.Delete(ctx, config.Name, metav1.DeleteOptions{})
		if undo != nil {
			err = errors.Join(err, undo(ctx))
		}
		return err
	}, err
}

// portTaken has another pod take a port of the collector while it is away.
func portTaken(ctx context.Context, r *Run) (func(context.Context) error, error) {
	want := collector.DaemonSetFor(r.resolved)
	back, err := daemonSetEdit(func(d *appsv1.DaemonSet) {
		d.Spec.Template.Spec.NodeSelector = map[string]string{"kubetrace-e2e": "nowhere"}
	})(ctx, r)
	if err != nil {
		return back, err
	}
	pods := r.Cluster.Client().CoreV1().Pods(want.Namespace)
	if err := lab.Wait(ctx, 2*time.Minute, "no collector", time.Second, func(ctx context.Context) error {
		there, err := r.collectorPods(ctx)
		if err == nil && len(there) > 0 {
			err = fmt.Errorf("%d are there", len(there))
		}
		return err
	}); err != nil {
		return back, err
	}
	port := want.Spec.Template.Spec.Containers[0].Ports[0].HostPort
	thief := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "thief", Namespace: want.Namespace}}
	thief.Spec.NodeName = r.Cluster.Nodes()[0].Name
	thief.Spec.HostNetwork = true
	// The scheduler would end a lesser one.
	thief.Spec.PriorityClassName = want.Spec.Template.Spec.PriorityClassName
	// It need not run: the scheduler keeps the port for it.
	thief.Spec.Containers = []corev1.Container{{Name: "thief", Image: want.Spec.Template.Spec.Containers[0].Image, Args: []string{"--help"},
		Ports: []corev1.ContainerPort{{ContainerPort: port, HostPort: port}}}}
	if _, err := pods.Create(ctx, thief, metav1.CreateOptions{}); err != nil {
		return back, err
	}
	// The kubelet is no sooner than the scheduler to hear of it.
	if err := lab.Wait(ctx, 2*time.Minute, "the pod with the port", time.Second, func(ctx context.Context) error {
		pod, err := pods.Get(ctx, thief.Name, metav1.GetOptions{})
		if err == nil && len(pod.Status.ContainerStatuses) == 0 {
			err = errors.New("the kubelet has not seen it")
		}
		return err
	}); err != nil {
		return back, err
	}
	now := int64(0)
	return func(ctx context.Context) error {
		return pods.Delete(ctx, thief.Name, metav1.DeleteOptions{GracePeriodSeconds: &now})
	}, back(ctx)
}

// withoutCollector deletes the DaemonSet.
func withoutCollector(ctx context.Context, r *Run) (func(context.Context) error, error) {
	want := collector.DaemonSetFor(r.resolved)
	sets := r.Cluster.Client().AppsV1().DaemonSets(want.Namespace)
	return func(ctx context.Context) error {
		_, err := sets.Create(ctx, want, metav1.CreateOptions{})
		return err
	}, sets.Delete(ctx, want.Name, metav1.DeleteOptions{})
}
