package tracing

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
)

func (r *resolver) resolveCollector(path *field.Path) {
	spec := r.spec.Collector
	if spec.Disabled {
		r.omit(ComponentCollector, path.Child("disabled"), disabledReason)
		return
	}
	r.checkLabel(path.Child("namespace"), spec.Namespace, DefaultCollectorNamespace)
	r.resolveNamespace(path)
	r.checkLabel(path.Child("name"), spec.Name, DefaultCollectorName)
	if spec.Name == "default" {
		r.invalid(path.Child("name"), spec.Name, "the ServiceAccount default belongs to the namespace: write another name, such as %q", DefaultCollectorName)
	}
	r.resolveCollectorImage(path)
	for i, secret := range spec.ImagePullSecrets {
		at := path.Child("imagePullSecrets").Index(i).Child("name")
		r.checkName(at, secret.Name, "registry-credentials")
		if slices.Contains(spec.ImagePullSecrets[:i], secret) {
			r.duplicate(at, secret.Name, "write each Secret once: server-side apply refuses it twice")
		}
	}
	r.checkPlacement(path, spec.Tolerations, spec.NodeSelector)
	r.checkName(path.Child("priorityClassName"), spec.PriorityClassName, DefaultPriorityClassName)
	r.checkMetadata(path, spec.Labels, spec.Annotations)
	r.checkResources(path.Child("resources"), spec.Resources)
	r.resolveSizes(path)
	r.checkPorts(path)
	r.resolveExporter(path.Child("exporter"))
}

// clusterNamespaces belong to the cluster itself.
var clusterNamespaces = []string{"default", "kube-node-lease", "kube-public", "kube-system"}

// resolveNamespace keeps kubetrace away from namespaces of others.
func (r *resolver) resolveNamespace(path *field.Path) {
	spec := r.spec.Collector
	switch {
	case *spec.ManageNamespace && slices.Contains(clusterNamespaces, spec.Namespace):
		r.invalid(path.Child("manageNamespace"), true, "the namespace %s is the cluster's: leave manageNamespace out, or write another namespace", spec.Namespace)
	case !*spec.ManageNamespace:
		r.warn(WarnNamespaceNotManaged, path.Child("namespace"), "every Kubernetes release",
			fmt.Sprintf("The namespace %s is not generated and has to be there, and its Pod Security level has to admit a pod in the host's network", spec.Namespace),
			fmt.Sprintf("Run: kubectl label namespace %s pod-security.kubernetes.io/enforce=privileged --overwrite", spec.Namespace))
	}
}

// resolveCollectorImage finds out which release of which distribution runs.
func (r *resolver) resolveCollectorImage(path *field.Path) {
	spec := r.spec.Collector
	known := spec.Distribution == ""
	for _, d := range distributions {
		known = known || d.name == spec.Distribution
	}
	if !known {
		r.invalid(path.Child("distribution"), spec.Distribution, "write core, k8s or contrib")
	}

	var named release.Version
	var ok bool
	if spec.Version != "" {
		// A tag has no plus sign, so no image has such a version.
		if named, ok = release.ParseVersion(spec.Version); !ok || strings.Contains(spec.Version, "+") {
			r.invalid(path.Child("version"), spec.Version, "write the collector's version, such as %q", DefaultCollectorVersion)
			return
		}
	}
	parsed, ok := r.parseImage(path.Child("image"), spec.Image)
	if !ok {
		return
	}
	for _, d := range distributions {
		if known && parsed.repo == officialRegistry+d.image && spec.Distribution != "" && spec.Distribution != d.name {
			r.invalid(path.Child("distribution"), spec.Distribution, "collector.image is that of the distribution %s: leave one of them out or make them agree", d.name)
		}
	}
	if strings.HasPrefix(parsed.repo, officialRegistry) && !officialName(parsed.repo) {
		r.invalid(path.Child("image"), spec.Image, "this distribution lacks processors and extensions that the configuration uses: write opentelemetry-collector, opentelemetry-collector-k8s or opentelemetry-collector-contrib")
		return
	}
	source, value := path.Child("version"), spec.Version
	tagged, hasVersion := release.VersionOfTag(parsed.tag)
	switch {
	case !hasVersion && spec.Version == "":
		r.required(path.Child("version"), "the tag of %s names no version, and the configuration depends on it: write it, such as %q", spec.Image, DefaultCollectorVersion)
	case hasVersion && spec.Version != "" && !named.Agrees(tagged):
		r.invalid(path.Child("version"), spec.Version, "collector.image says %s: leave one of them out or make them agree", tagged)
		return
	case hasVersion:
		named = tagged
		if spec.Version == "" {
			source, value = path.Child("image"), spec.Image
		}
	}
	if !hasVersion && spec.Distribution == "" && !officialName(parsed.repo) {
		r.required(path.Child("distribution"), "the tag of %s names no version, so nothing says which components it holds: write core, k8s or contrib", spec.Image)
	}
	if named == (release.Version{}) {
		return
	}
	row, known := release.CollectorAt(named)
	if !known {
		r.invalid(source, value, "supported are collectors from %s on, whose metrics have readers: write a later version, such as %q", release.AllCollectors()[0].From, DefaultCollectorVersion)
		return
	}
	r.collector, r.collectorVersion = row, named
	if tested, _ := release.ParseVersion(DefaultCollectorVersion); named.CompareMinor(tested) > 0 {
		r.warn(WarnNewerRelease, source, "collector "+named.String(),
			fmt.Sprintf("This release is newer than %s, the newest that the conformance tests run", DefaultCollectorVersion),
			"Watch its log for keys that it no longer knows, or write "+DefaultCollectorVersion)
	}
}

// officialName says whether the repository is one of the official ones.
func officialName(repo string) bool {
	return slices.ContainsFunc(distributions, func(d struct{ name, image string }) bool {
		return repo == officialRegistry+d.image
	})
}

// checkPlacement judges where pods run.
func (r *resolver) checkPlacement(path *field.Path, tolerations []corev1.Toleration, nodeSelector map[string]string) {
	for i, toleration := range tolerations {
		r.checkToleration(path.Child("tolerations").Index(i), toleration)
	}
	r.checkLabels(path.Child("nodeSelector"), nodeSelector)
	if system := nodeSelector[corev1.LabelOSStable]; system != "linux" {
		r.invalid(path.Child("nodeSelector").Key(corev1.LabelOSStable), system, "the collector's pods run on Linux: leave the key out, or write linux")
	}
}

// checkToleration applies the rules of the API server, whose validation cannot
// be imported.
// https://pkg.go.dev/k8s.io/api/core/v1#Toleration
func (r *resolver) checkToleration(path *field.Path, t corev1.Toleration) {
	switch t.Operator {
	case corev1.TolerationOpExists:
		if t.Value != "" {
			r.invalid(path.Child("value"), t.Value, "the operator Exists takes no value: leave it out, or write the operator Equal")
		}
	case corev1.TolerationOpEqual, "":
		if t.Key == "" {
			r.required(path.Child("key"), "write the taint's key, or the operator Exists for every taint")
		}
		if len(utilvalidation.IsValidLabelValue(t.Value)) > 0 {
			r.invalid(path.Child("value"), t.Value, "write the taint's value: at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends")
		}
	default:
		r.invalid(path.Child("operator"), t.Operator, "write Exists or Equal")
	}
	if t.Key != "" {
		r.errs = append(r.errs, metav1validation.ValidateLabelName(t.Key, path.Child("key"))...)
	}
	switch t.Effect {
	case "", corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute:
	default:
		r.invalid(path.Child("effect"), t.Effect, "write NoSchedule, PreferNoSchedule or NoExecute, or leave it out for all")
	}
	if t.TolerationSeconds != nil && t.Effect != corev1.TaintEffectNoExecute {
		r.invalid(path.Child("tolerationSeconds"), *t.TolerationSeconds, "it needs the effect NoExecute: leave it out, or write that effect")
	}
}

// checkResources judges the container's resources but for the memory limit's
// size, which checkMemory does.
func (r *resolver) checkResources(path *field.Path, resources corev1.ResourceRequirements) {
	for _, list := range []struct {
		name   string
		values corev1.ResourceList
	}{{"limits", resources.Limits}, {"requests", resources.Requests}} {
		for _, name := range sortedKeys(list.values) {
			quantity, at := list.values[name], path.Child(list.name).Key(string(name))
			switch {
			case name != corev1.ResourceCPU && name != corev1.ResourceMemory && name != corev1.ResourceEphemeralStorage:
				r.invalid(at, quantity.String(), "a collector needs no such resource: write cpu, memory or ephemeral-storage")
			case quantity.Sign() < 0:
				r.invalid(at, quantity.String(), "a quantity may not be negative: write one such as 256Mi")
			case list.name == "requests":
				if limit, ok := resources.Limits[name]; ok && quantity.Cmp(limit) > 0 {
					r.invalid(at, quantity.String(), "a request may not be above the limit, %s: write resources.limits.%s too, at least as high", limit.String(), name)
				}
			}
		}
	}
	if len(resources.Claims) > 0 {
		r.forbidden(path.Child("claims"), "a collector needs no device: leave claims out")
	}
}

// checkPorts judges the ports that the collector opens beside its listener, and
// that all of them differ.
func (r *resolver) checkPorts(path *field.Path) {
	taken := map[int32]string{r.target.port: "endpoint"}
	for _, port := range []struct {
		name           string
		value, example int32
	}{
		{"healthPort", r.spec.Collector.HealthPort, DefaultHealthPort},
		{"metricsPort", r.spec.Collector.MetricsPort, DefaultMetricsPort},
	} {
		at := path.Child(port.name)
		if other, ok := taken[port.value]; ok {
			r.invalid(at, port.value, "this is the port of %s too, and the collector opens both on the node: write another one", other)
			continue
		}
		taken[port.value] = at.String()
		r.checkPort(at, port.value, port.value, port.example)
	}
}

func (r *resolver) resolveBackend(path *field.Path) {
	spec := r.spec.Backend
	switch {
	case r.spec.Collector.Disabled:
		r.omit(ComponentBackend, field.NewPath("collector", "disabled"), "there is no collector that would send to it")
		return
	case r.spec.Collector.Exporter.Endpoint != "":
		r.omit(ComponentBackend, field.NewPath("collector", "exporter", "endpoint"), "the collector sends to this endpoint")
		return
	case spec.Disabled:
		r.omit(ComponentBackend, path.Child("disabled"), disabledReason)
		return
	}
	r.checkLabel(path.Child("namespace"), spec.Namespace, DefaultBackendNamespace)
	if g := r.spec.Gateway; g != nil && spec.Namespace == g.Namespace {
		r.invalid(path.Child("namespace"), spec.Namespace, "gateway.namespace is the same: write two namespaces, such as %q for the gateway and %q for the backend", DefaultGatewayNamespace, DefaultBackendNamespace)
	}
	if spec.Namespace == r.spec.Collector.Namespace {
		r.invalid(path.Child("namespace"), spec.Namespace, "collector.namespace is the same, and its Pod Security level is privileged: write two namespaces, such as %q for the collector and %q for the backend", DefaultCollectorNamespace, DefaultBackendNamespace)
	}
	if parsed, ok := r.parseImage(path.Child("image"), spec.Image); ok {
		version, _ := release.VersionOfTag(parsed.tag)
		major, known := release.JaegerMajor(version)
		if !known {
			r.invalid(path.Child("image"), spec.Image, "write a tag that names all three numbers of Jaeger's version, from %s to 2.x, such as %s", release.OldestJaeger(), DefaultBackendImage)
		}
		r.backendMajor = major
	}
	r.warn(WarnInMemoryBackend, field.NewPath("collector", "exporter", "endpoint"), "Jaeger",
		"No exporter endpoint is set, so traces go to a development backend that keeps a bounded number in memory and loses them with its pod",
		"Write collector.exporter.endpoint for anything but a first look")
}

// sortedKeys returns the keys of a resource list in a stable order.
func sortedKeys(list corev1.ResourceList) []corev1.ResourceName {
	keys := make([]corev1.ResourceName, 0, len(list))
	for key := range list {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
