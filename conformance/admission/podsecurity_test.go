package admission

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestPodSecurity judges every pod template by the policy of every minor: each
// level refuses what the library says, for the reasons that it names and no
// other, and the pods' own namespaces admit them in every mode.
func TestPodSecurity(t *testing.T) {
	for _, minor := range minors(t) {
		t.Run(minor, func(t *testing.T) {
			podSecurityCell(t, minor)
			judge, err := NewPodSecurity(minor)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range generateAll(t, minor) {
				templates := 0
				err := g.eachTemplate(func(labels map[string]string, template *corev1.PodTemplateSpec) error {
					templates++
					return judgeTemplate(judge, minor, labels, *template)
				})
				if err != nil {
					t.Errorf("%s: %v", g.name, err)
				}
				want := 1 // the collector's
				if len(g.bundle.Gateway) > 0 {
					want++
				}
				if len(g.bundle.Backend) > 0 {
					want++
				}
				if templates != want {
					t.Errorf("%s: %d pod templates, want %d", g.name, templates, want)
				}
			}
		})
	}
}

func podSecurityCell(t *testing.T, minor string) {
	t.Helper()
	t.Attr("component", "kubernetes")
	t.Attr("release", minor)
	t.Attr("judge", "pod security")
	version, err := podSecurityVersion()
	if err != nil {
		t.Fatalf("ask the go command for the version of the judge: %v", err)
	}
	t.Attr("by", version)
}

// eachTemplate calls judge for each pod template, with the labels of its
// namespace.
func (g generated) eachTemplate(judge func(labels map[string]string, template *corev1.PodTemplateSpec) error) error {
	var errs []error
	for _, object := range g.objects {
		template, err := Template(object)
		if err != nil {
			return err
		}
		if template == nil {
			continue
		}
		labels, err := g.labelsOf(object.GetNamespace())
		if err != nil {
			return err
		}
		if err := judge(labels, template); err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err))
		}
	}
	return errors.Join(errs...)
}

// documented are the reasons for which a level refuses the collector's pods: all
// come from the host's network, and beyond it they have no privileges, so that
// "restricted" finds no more than "baseline", but for a queue in a folder of the
// node, which makes them root (package collector). The pods of the gateway and of
// the backend are fit for "restricted".
func documented(level, minor string, template corev1.PodTemplateSpec) []string {
	if template.Labels["app.kubernetes.io/component"] != "collector" || level == "privileged" {
		return nil
	}
	reasons := []string{"host namespaces", "hostPort"}
	// The kubelet asks the health check on the node's loopback address.
	if number(minor) >= 34 {
		reasons = append(reasons, "probe or lifecycle host")
	}
	onNode := slices.ContainsFunc(template.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == "queue" && v.HostPath != nil })
	switch {
	case onNode && level == "baseline":
		reasons = append(reasons, "hostPath volumes")
	case onNode:
		reasons = append(reasons, "restricted volume types", "runAsNonRoot != true")
		if number(minor) >= 23 {
			reasons = append(reasons, "runAsUser=0")
		}
	}
	slices.Sort(reasons)
	return reasons
}

// number is 34 of "1.34".
func number(minor string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(minor, "1."))
	if err != nil {
		panic(err) // only minors of the library's table come here
	}
	return n
}

// judgeTemplate compares what each level says of a pod template with what the
// library says, and asks the template's namespace.
func judgeTemplate(judge *PodSecurity, minor string, labels map[string]string, template corev1.PodTemplateSpec) error {
	var errs []error
	for _, level := range []string{"privileged", "baseline", "restricted"} {
		got, err := judge.Level(level, template)
		if err != nil {
			return err
		}
		want := documented(level, minor, template)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			errs = append(errs, fmt.Errorf("the level %s refuses it for %q, documented is %q", level, got, want))
		}
	}
	refusals, err := judge.Namespace(labels, template)
	if err != nil {
		return err
	}
	if len(refusals) > 0 {
		errs = append(errs, fmt.Errorf("its namespace with the labels %v does not admit it: %q", labels, refusals))
	}
	return errors.Join(errs...)
}

// TestPodSecurityMutations changes a template or the labels of its namespace so
// that they are no longer as documented: the judge has to say so.
func TestPodSecurityMutations(t *testing.T) {
	const collector, backend = "collector", "backend"
	onRoot := func(pod *corev1.PodSpec) {
		pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.RunAsUser = nil, ptr(int64(0))
	}
	mutations := []struct {
		name   string
		of     string
		mutate func(*corev1.PodSpec)
		labels map[string]string // in place of the namespace's own
		want   []string          // in the error
	}{
		{"a privileged container", collector, func(pod *corev1.PodSpec) {
			pod.Containers[0].SecurityContext = &corev1.SecurityContext{Privileged: ptr(true)}
		}, nil, []string{"level baseline", `"privileged"`, "level restricted", "unrestricted capabilities"}},
		{"a folder of the node", collector, func(pod *corev1.PodSpec) {
			pod.Volumes = append(pod.Volumes, corev1.Volume{Name: "node", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/var"}}})
		}, nil, []string{"level baseline", "hostPath volumes", "level restricted", "restricted volume types"}},
		{"root", collector, onRoot, nil, []string{"level restricted", "runAsNonRoot != true"}},
		{"no host network", collector, func(pod *corev1.PodSpec) { pod.HostNetwork = false }, nil, []string{"level baseline", `refuses it for ["hostPort"`}},
		{"no seccomp profile", backend, func(pod *corev1.PodSpec) { pod.SecurityContext.SeccompProfile = nil }, nil, []string{"level restricted", "enforce: seccompProfile"}},
		{"root in the backend", backend, onRoot, nil, []string{"enforce: runAsNonRoot != true"}},
		{"the host's network in the backend", backend, func(pod *corev1.PodSpec) { pod.HostNetwork = true }, nil, []string{"level baseline", "enforce: host namespaces", "warn: host namespaces", "audit: host namespaces"}},
		{"a namespace with the level baseline", collector, nil, map[string]string{"pod-security.kubernetes.io/enforce": "baseline"}, []string{"enforce: host namespaces", "enforce: hostPort"}},
		{"a namespace that only warns", collector, nil, map[string]string{"pod-security.kubernetes.io/warn": "restricted"}, []string{"warn: host namespaces"}},
		{"a level that there is not", collector, nil, map[string]string{"pod-security.kubernetes.io/enforce": "none"}, []string{"must be one of"}},
	}
	for _, minor := range minors(t) {
		t.Run(minor, func(t *testing.T) {
			podSecurityCell(t, minor)
			simplest := generateAll(t, minor)[0]
			judge, err := NewPodSecurity(minor)
			if err != nil {
				t.Fatal(err)
			}
			for _, test := range mutations {
				found := false
				err := simplest.eachTemplate(func(labels map[string]string, template *corev1.PodTemplateSpec) error {
					if template.Labels["app.kubernetes.io/component"] != test.of {
						return nil
					}
					found = true
					template = template.DeepCopy()
					if test.mutate != nil {
						test.mutate(&template.Spec)
					}
					if test.labels != nil {
						labels = test.labels
					}
					return judgeTemplate(judge, minor, labels, *template)
				})
				if !found {
					t.Fatalf("%s: no pod template of the %s", test.name, test.of)
				}
				for _, want := range test.want {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%s: the judge says %v, which does not hold %q", test.name, err, want)
					}
				}
			}
		})
	}
}

// podSecurityVersion is the version of the library that judges: the program of a
// test does not hold the versions of its modules.
var podSecurityVersion = sync.OnceValues(func() (string, error) {
	command := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "k8s.io/pod-security-admission")
	command.Env = append(os.Environ(), "GOWORK=off")
	version, err := command.Output()
	return strings.TrimSpace(string(version)), err
})
