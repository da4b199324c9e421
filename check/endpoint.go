package check

import (
	"net"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	tracingv1 "k8s.io/component-base/tracing/api/v1"
)

// configuration judges what kube-apiserver's file and a kubelet's configuration say
// of tracing.
func (r reporter) configuration(endpointAt, rateAt string, config tracingv1.TracingConfiguration, rate int32) {
	// As the components themselves do before they start.
	errs := tracingv1.ValidateTracingConfiguration(&config, nil, field.NewPath("tracing"))
	refused := func(name string) *field.Error {
		i := slices.IndexFunc(errs, func(e *field.Error) bool { return strings.HasSuffix(e.Field, name) })
		if i < 0 {
			return nil
		}
		return errs[i]
	}
	endpoint := ""
	if config.Endpoint != nil {
		endpoint = *config.Endpoint
	}
	if err := refused("endpoint"); err != nil && endpoint != "" {
		r.add(RefusesToStart, endpointAt, r.ComponentEndpoint(), endpoint, "Write %s: %s", r.ComponentEndpoint(), err.Detail)
	} else {
		r.endpoint(endpointAt, endpoint)
	}
	if err := refused("samplingRatePerMillion"); err != nil {
		r.add(RefusesToStart, rateAt, itoa(int64(rate)), itoa(int64(*config.SamplingRatePerMillion)), "Write %d: %s", rate, err.Detail)
	} else {
		r.rate(rateAt, config.SamplingRatePerMillion, rate)
	}
}

// endpoint judges where a component sends to.
func (r reporter) endpoint(setting, have string) {
	want := r.ComponentEndpoint()
	if have == want {
		return
	}
	host, _, err := net.SplitHostPort(have)
	if err != nil {
		host = have
	}
	wantHost, _, _ := net.SplitHostPort(want)
	isV6 := strings.Contains(wantHost, ":")
	localhost := "localhost may be ::1, where nobody listens"
	if isV6 {
		localhost = "localhost may be 127.0.0.1, where nobody listens"
	}
	// Names of two parts may be a Service with its namespace, or a domain.
	mayBeService := strings.Count(host, ".") < 2 && host != "" && !strings.ContainsAny(host, ":/")
	switch ip := net.ParseIP(host); {
	case have == "":
		r.add(NoTraces, setting, want, "nothing", "Write it: the default is localhost:4317, and %s", localhost)
	case strings.HasSuffix(host, ".svc") || strings.Contains(host, ".svc."):
		r.add(NoTraces, setting, want, have, "Write %s: what runs on the node's network does not resolve the names of Services", want)
	case host == "localhost":
		r.add(NoTraces, setting, want, have, "Write %s: %s", want, localhost)
	case strings.Contains(have, "://") && !strings.HasPrefix(have, "unix"):
		r.add(NoTraces, setting, want, have, "Write %s: it is an address and no URL", want)
	case ip != nil && ip.IsLoopback(), strings.HasPrefix(have, "unix"):
		r.add(NoTraces, setting, want, have, "Write %s, where the collector listens", want)
	case ip != nil && ip.IsUnspecified():
		r.add(Stale, setting, want, have, "Write %s: that it reaches the node itself is a habit of Linux", want)
	case ip == nil && mayBeService:
		r.add(NoTraces, setting, want, have, "Write %s: what runs on the node's network does not resolve the names of Services, and if this is another machine, spans leave the node in plain text", want)
	default:
		r.add(Exposed, setting, want, have, "Write %s: spans leave the node in plain text", want)
	}
}

// rate judges a sampling rate per million. Without one a component samples
// nothing by itself.
func (r reporter) rate(setting string, have *int32, want int32) {
	text := itoa(int64(want))
	switch {
	case have == nil && want == 0, have != nil && *have == want:
	case have == nil:
		r.add(NoTraces, setting, text, "nothing", "Write it: without a rate nothing is sampled that does not come with a sampled trace")
	case *have == 0:
		r.add(NoTraces, setting, text, "0", "Write %s: nothing is sampled that does not come with a sampled trace", text)
	default:
		r.add(Stale, setting, text, itoa(int64(*have)), "Write %s, or change the spec", text)
	}
}
