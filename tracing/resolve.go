package tracing

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
)

// Resolve fills in the defaults, judges the spec and looks up the release
// tables. It is the only way to the outputs, and the only step that can reject
// a spec: with an *[InvalidSpecError] that holds all problems at once.
func Resolve(spec TracingSpec) (Resolved, error) {
	r := resolve(spec.WithDefaults())
	if len(r.errs) > 0 {
		return Resolved{}, &InvalidSpecError{Errors: r.errs}
	}
	return Resolved{Warnings: r.warnings, facts: &r.facts}, nil
}

// Validate returns all problems of the defaulted spec, or nothing where
// [Resolve] would accept it. Each error's Field is the JSON path of a real
// field, and its message says what to write instead. Fields of what is disabled
// are not judged.
func (s TracingSpec) Validate() field.ErrorList {
	return resolve(s.WithDefaults()).errs
}

// ValidateAt is Validate for a spec that is a field of another API: the errors'
// paths begin with the path of that field.
func (s TracingSpec) ValidateAt(path *field.Path) field.ErrorList {
	errs := s.Validate()
	for i, err := range errs {
		moved := *err
		moved.Field = path.Child(err.Field).String()
		errs[i] = &moved
	}
	return errs
}

// resolver judges and looks up in one pass, so that no rule is written twice.
type resolver struct {
	facts
	errs     field.ErrorList
	warnings []Warning
}

// resolve goes through a defaulted spec, which it owns.
func resolve(spec TracingSpec) *resolver {
	r := &resolver{facts: facts{spec: spec, notGenerated: map[Component]NotGeneratedError{}}}
	r.resolveKubernetes()
	r.checkAttribute(field.NewPath("clusterName"), spec.ClusterName)
	r.resolveEndpoint()
	r.checkRate(field.NewPath("samplingRatePerMillion"), spec.SamplingRatePerMillion)
	r.warnOfDefaultRate()
	r.warnIfNothingTraced()
	r.resolveEtcd(field.NewPath("etcd"))
	r.resolveAPIServer(field.NewPath("apiServer"))
	r.resolveKubelet(field.NewPath("kubelet"))
	r.resolveContainerd(field.NewPath("containerd"))
	r.resolveCRIO(field.NewPath("crio"))
	r.resolveCollector(field.NewPath("collector"))
	r.resolveGateway(field.NewPath("gateway"))
	r.resolveBackend(field.NewPath("backend"))
	return r
}

// invalid reports a value that cannot be used; the message says what to write.
func (r *resolver) invalid(path *field.Path, value any, format string, args ...any) {
	r.errs = append(r.errs, field.Invalid(path, value, fmt.Sprintf(format, args...)))
}

// unsupported reports a release that there are no tables for.
func (r *resolver) unsupported(path *field.Path, value, format string, args ...any) {
	r.errs = append(r.errs, &field.Error{Type: field.ErrorTypeNotSupported, Field: path.String(), BadValue: value, Detail: fmt.Sprintf(format, args...)})
}

// required reports a value that is missing.
func (r *resolver) required(path *field.Path, format string, args ...any) {
	r.errs = append(r.errs, field.Required(path, fmt.Sprintf(format, args...)))
}

// forbidden reports a field that may not be set beside another.
func (r *resolver) forbidden(path *field.Path, format string, args ...any) {
	r.errs = append(r.errs, field.Forbidden(path, fmt.Sprintf(format, args...)))
}

// duplicate reports what is in a list twice.
func (r *resolver) duplicate(path *field.Path, value any, detail string) {
	problem := field.Duplicate(path, value)
	problem.Detail = detail
	r.errs = append(r.errs, problem)
}

// warn adds a warning.
func (r *resolver) warn(code WarningCode, path *field.Path, release, message, cure string) {
	r.warnings = append(r.warnings, Warning{Code: code, Field: path.String(), Release: release, Message: message, Cure: cure})
}

// omit says why a component has no output.
func (r *resolver) omit(c Component, path *field.Path, reason string) {
	r.notGenerated[c] = NotGeneratedError{Component: c, Field: path.String(), Reason: reason}
}

// disabledReason is the reason of everything that the spec switches off.
const disabledReason = "it is disabled"

func (r *resolver) resolveKubernetes() {
	path := field.NewPath("kubernetesVersion")
	if r.spec.KubernetesVersion == "" {
		newest := release.NewestReleased()
		r.required(path, `write the control plane's version, such as %q or "v%s.0"`, newest, newest)
		return
	}
	kubernetes, ok := r.kubernetesVersion(path, r.spec.KubernetesVersion)
	if !ok {
		return
	}
	row, support := release.KubernetesAt(kubernetes)
	r.kubernetes, r.controlPlane = kubernetes, row
	switch support {
	case release.SupportTooNew:
		_, newest, latest := release.Bounds()
		r.unsupported(path, r.spec.KubernetesVersion, "supported are Kubernetes %s, and releases up to %s as if they were %s: write one of them, or look for a newer kubetrace", supported(), latest, newest)
		return
	case release.SupportNewer:
		r.warn(WarnNewerRelease, path, "Kubernetes "+kubernetes.String(),
			fmt.Sprintf("This release is newer than %s, the newest that is known here%s, and is treated as that one", row.Kubernetes, ofPreview(row)),
			"Look for a newer kubetrace, and try the outputs on a cluster that may break")
	case release.SupportKnown:
		if row.Preview != "" {
			r.warn(WarnPreviewRelease, path, "Kubernetes "+kubernetes.String(),
				fmt.Sprintf("What is known here of %s is that of %s, before the release: it may still change", row.Kubernetes, row.Preview),
				fmt.Sprintf("Look for a newer kubetrace once %s is out, and try the outputs on a cluster that may break", row.Kubernetes))
		}
	}

	path = field.NewPath("kubeletVersion")
	kubelet := kubernetes
	if r.spec.KubeletVersion != r.spec.KubernetesVersion {
		if kubelet, ok = r.kubernetesVersion(path, r.spec.KubeletVersion); !ok {
			return
		}
	}
	r.kubelet = kubelet
	r.oldestKubelet, _ = release.KubernetesAt(kubelet)
	r.checkSkew(path, kubelet)
	r.warnOfLeak(kubelet)
}

// supported names the releases that are known, "1.22 to 1.37, and 1.38 as a preview".
func supported() string {
	oldest, newest, _ := release.Bounds()
	released := release.NewestReleased()
	text := oldest + " to " + released
	if newest != released {
		text += ", and " + newest + " as a preview"
	}
	return text
}

// ofPreview says from which pre-release a row is, or nothing.
func ofPreview(row release.Kubernetes) string {
	if row.Preview == "" {
		return ""
	}
	return ", from " + row.Preview
}

// kubernetesVersion reads a version of Kubernetes and reports one that is none
// or is too old.
func (r *resolver) kubernetesVersion(path *field.Path, text string) (release.Version, bool) {
	v, ok := release.ParseVersion(text)
	_, support := release.KubernetesAt(v)
	switch {
	case !ok:
		r.invalid(path, text, `write a version with two or three numbers, such as "1.34" or "v1.34.2"`)
	case !v.HasPatch() && (v.Minor() == "1.2" || v.Minor() == "1.3" || v.Minor() == "1.4"):
		r.invalid(path, text, `are the quotes missing? YAML reads %s0 without quotes as the number %s: write "%s0". Supported are %s`, text, text, text, supported())
	case support == release.SupportTooOld:
		r.unsupported(path, text, "supported are Kubernetes %s: etcd and kube-apiserver have no usable tracing before", supported())
	default:
		return v, true
	}
	return v, false
}

// checkSkew applies the version skew policy.
func (r *resolver) checkSkew(path *field.Path, kubelet release.Version) {
	control := r.kubernetes.Minor()
	switch {
	case kubelet.CompareMinor(r.kubernetes) > 0:
		r.invalid(path, r.spec.KubeletVersion, "a kubelet may not be newer than the control plane (%s): write the version of the oldest kubelet, at most %s", control, control)
	case !release.KubeletFits(kubelet, r.kubernetes):
		r.invalid(path, r.spec.KubeletVersion, "a kubelet of %s may be at most %d minors older than the control plane (%s): upgrade it first", kubelet.Minor(), r.oldestKubelet.KubeletSkew, control)
	}
}

// warnOfLeak warns of the memory leak of 1.29 to 1.31, where it is in a
// component that is traced.
func (r *resolver) warnOfLeak(kubelet release.Version) {
	server, node := !r.spec.APIServer.Disabled, !r.spec.Kubelet.Disabled
	same := kubelet.String() == r.kubernetes.String()
	version := field.NewPath("kubernetesVersion")
	switch {
	case server && node && same:
		r.warnIfLeaking(version, "kube-apiserver and kubelet", r.kubernetes, r.controlPlane)
		return
	case node && same:
		r.warnIfLeaking(version, "kubelet", kubelet, r.oldestKubelet)
		return
	}
	if server {
		r.warnIfLeaking(version, "kube-apiserver", r.kubernetes, r.controlPlane)
	}
	if node {
		r.warnIfLeaking(field.NewPath("kubeletVersion"), "kubelet", kubelet, r.oldestKubelet)
	}
}

func (r *resolver) warnIfLeaking(path *field.Path, component string, v release.Version, row Release) {
	if !row.Leaks(v) {
		return
	}
	name := component + " " + v.String()
	if !v.HasPatch() {
		name += " before " + row.LeakFixedIn
	}
	r.warn(WarnMemoryLeak, path, name,
		"The metrics of its tracing libraries leak memory, with or without a tracing configuration (kubernetes/kubernetes#126957)",
		fmt.Sprintf("Move to %s or later", row.LeakFixedIn))
}

func (r *resolver) resolveEndpoint() {
	path := field.NewPath("endpoint")
	parsed, err := parseEndpoint(r.spec.Endpoint, !r.spec.Collector.Disabled)
	if err != nil {
		r.invalid(path, withoutSecrets(r.spec.Endpoint), "%s", err)
		return
	}
	r.target = parsed
	if !r.spec.Collector.Disabled && parsed.abstract == "" {
		r.checkPort(path, r.spec.Endpoint, parsed.port, 4317)
	}
}

// checkRate judges a sampling rate. nil is inherited and so judged elsewhere.
func (r *resolver) checkRate(path *field.Path, perMillion *int32) {
	if perMillion != nil && (*perMillion < 0 || *perMillion > 1_000_000) {
		r.invalid(path, *perMillion, "write a number from 0 (nothing) to 1000000 (everything); 10000 is 1 %%")
	}
}

// warnOfDefaultRate warns where a component follows the default rate.
func (r *resolver) warnOfDefaultRate() {
	s := r.spec
	inherited := (!s.Etcd.Disabled && s.Etcd.SamplingRatePerMillion == nil) ||
		(!s.APIServer.Disabled && s.APIServer.SamplingRatePerMillion == nil) ||
		(!s.Kubelet.Disabled && s.Kubelet.SamplingRatePerMillion == nil)
	if inherited && *s.SamplingRatePerMillion == DefaultSamplingRatePerMillion {
		r.warn(WarnDefaultRate, field.NewPath("samplingRatePerMillion"), "Kubernetes "+r.kubernetes.String(),
			"The rate is 10000 per million, the default: of a hundred requests one is traced, and a single kubectl command most likely leaves no trace",
			"For a first look write 1000000, which traces everything")
	}
}

// warnIfNothingTraced warns of a spec that disables every component.
func (r *resolver) warnIfNothingTraced() {
	if r.spec.Etcd.Disabled && r.spec.APIServer.Disabled && r.spec.Kubelet.Disabled && r.spec.Containerd == nil && r.spec.CRIO == nil {
		r.warn(WarnNothingTraced, field.NewPath("apiServer", "disabled"), "Kubernetes "+r.spec.KubernetesVersion,
			"etcd, kube-apiserver and kubelet are all disabled, so nothing sends traces",
			"Leave disabled out where traces are wanted")
	}
}

func (r *resolver) resolveAPIServer(path *field.Path) {
	spec := r.spec.APIServer
	if spec.Disabled {
		r.omit(ComponentAPIServer, path.Child("disabled"), disabledReason)
		return
	}
	r.checkRate(path.Child("samplingRatePerMillion"), spec.SamplingRatePerMillion)
	r.checkConfigFile(path.Child("configFile"), spec.ConfigFile)

	name, version := "Kubernetes "+r.kubernetes.String(), field.NewPath("kubernetesVersion")
	switch r.controlPlane.TraceContext {
	case TraceContextForcesSampling:
		r.warn(WarnClientsForceSampling, version, name,
			"Any client, even one that is not authenticated, can have its requests traced whatever the rate, by sending a sampled traceparent",
			"Move to 1.26 or later, or keep the API server away from clients that are not trusted")
		r.warn(WarnEgressSelectorPanic, version, name,
			"With an --egress-selector-config-file that has no controlplane entry, kube-apiserver panics while it sets up tracing (kubernetes/kubernetes#112976)",
			"Add a controlplane entry, drop the flag, or move to 1.26 or later")
	case TraceContextIgnored:
		r.warn(WarnTraceContextIgnored, version, name,
			"kube-apiserver starts a new trace for every request and samples it by its own rate alone; the trace context of a client, kubelets included, is only linked",
			"Rely on the rate of kube-apiserver, or move to 1.33 or later, which honours the context of system:masters and system:monitoring")
	}
}

// takenPaths are files and folders of the system, of Kubernetes, kubeadm and
// kind, which the tracing file may not replace: a run-book installs it, and a
// mount takes the place of what is there. In some of them it may have a place of
// its own.
// https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/implementation-details/
var takenPaths = []struct {
	path  string
	below bool // nothing below it either
}{
	{"/etc/kubernetes/manifests", true}, {"/etc/kubernetes/pki", false},
	{"/etc/kubernetes/admin.conf", true}, {"/etc/kubernetes/super-admin.conf", true}, {"/etc/kubernetes/kubelet.conf", true},
	{"/etc/kubernetes/controller-manager.conf", true}, {"/etc/kubernetes/scheduler.conf", true}, {"/etc/kubernetes/bootstrap-kubelet.conf", true},
	{"/etc/kubernetes", false}, {"/etc", false}, {"/var", false}, {"/var/lib", false}, {"/var/lib/kubelet", true}, {"/var/lib/etcd", true},
	{"/usr", false}, {"/usr/bin", true}, {"/usr/sbin", true}, {"/usr/lib", true}, {"/etc/containerd", true}, {"/kind", true}, {"/bin", true}, {"/sbin", true}, {"/lib", true}, {"/lib64", true}, {"/boot", true},
	{"/proc", true}, {"/sys", true}, {"/dev", true}, {"/run", true}, {"/etc/hosts", true}, {"/etc/resolv.conf", true}, {"/etc/passwd", true}, {"/etc/shadow", true},
}

// pkiFile is a certificate or key of the cluster. Other files beside them are
// fine: kubeadm mounts the folder anyway.
var pkiFile = regexp.MustCompile(`\.(crt|key|pub)$`)

// checkConfigFile judges the path of the tracing file, which is both on the
// node and in the pod.
func (r *resolver) checkConfigFile(path *field.Path, file string) {
	if !cleanFilePath(file) {
		r.invalid(path, file, "write an absolute path of a file, of letters, digits and the like, without '.', '..', '//', ':', '$', '|', a backtick or a slash at its end, such as %s", DefaultConfigFile)
		return
	}
	if strings.HasPrefix(file, "/etc/kubernetes/pki/") && pkiFile.MatchString(file) {
		r.invalid(path, file, "this is the name of a certificate or key: write a file of its own, such as %s", DefaultConfigFile)
		return
	}
	if owner := takenBy(file); owner != "" {
		r.invalid(path, file, "%s is not kubetrace's to write to: write a file of its own, such as %s", owner, DefaultConfigFile)
	}
}

// takenBy returns which of takenPaths a path is in the way of, or nothing.
func takenBy(path string) string {
	for _, taken := range takenPaths {
		if path == taken.path || taken.below && strings.HasPrefix(path, taken.path+"/") {
			return taken.path
		}
	}
	return ""
}

func (r *resolver) resolveKubelet(path *field.Path) {
	spec := r.spec.Kubelet
	if spec.Disabled {
		r.omit(ComponentKubelet, path.Child("disabled"), disabledReason)
		return
	}
	r.checkRate(path.Child("samplingRatePerMillion"), spec.SamplingRatePerMillion)

	release := r.oldestKubelet
	if release.Kubernetes == "" {
		return // the version was reported already
	}
	name, version := "kubelet "+release.Kubernetes, field.NewPath("kubeletVersion")
	if !release.KubeletTraced {
		r.omit(ComponentKubelet, version, fmt.Sprintf("kubelet %s has no tracing, which came with 1.25", release.Kubernetes))
		r.warn(WarnKubeletNotTraced, version, name,
			"This kubelet has no tracing, and newer ones in the cluster share its configuration, so none is traced",
			"Move every kubelet to 1.25 or later")
		return
	}
	if !release.KubeletCallsJoined {
		r.warn(WarnKubeletCallsApart, version, name,
			"Each call to the container runtime that starts a pod is a trace of its own, without the pod's name",
			"Look for them by time, or move to 1.30 or later, where they are in the trace of the pod")
	}
	switch release.KubeletDropIn {
	case DropInNone:
		r.warn(WarnKubeletDropIn, version, name,
			"This kubelet reads no drop-in folder (--config-dir)",
			"Give the fragment to kubeadm, or merge it into the kubelet's configuration file")
	case DropInHarmful:
		r.warn(WarnKubeletDropIn, version, name,
			"This kubelet's --config-dir overwrites fields that a drop-in does not mention with their defaults",
			"Do not use the fragment as a drop-in before 1.30: give it to kubeadm, or merge it into the kubelet's configuration file")
	case DropInEnv:
		r.warn(WarnKubeletDropIn, version, name,
			"This kubelet reads --config-dir only while KUBELET_CONFIG_DROPIN_DIR_ALPHA is set in its environment, and stops at start otherwise",
			"Set the variable, move to 1.30 or later, or give the fragment to kubeadm")
	}
}
