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
func (o on) configuration(endpointAt, rateAt string, config tracingv1.TracingConfiguration, rate int32) {
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
		o.add(RefusesToStart, endpointAt, o.ComponentEndpoint(), endpoint, "Write %s: %s", o.ComponentEndpoint(), err.Detail)
	} else {
		o.endpoint(endpointAt, endpoint)
	}
	if err := refused("samplingRatePerMillion"); err != nil {
		o.add(RefusesToStart, rateAt, itoa(int64(rate)), itoa(int64(*config.SamplingRatePerMillion)), "Write %d: %s", rate, err.Detail)
	} else {
		o.rate(rateAt, config.SamplingRatePerMillion, rate)
	}
}

// endpoint judges where a component sends to.
func (o on) endpoint(setting, have string) {
	want := o.ComponentEndpoint()
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
		o.add(NoTraces, setting, want, "nothing", "Write it: the default is localhost:4317, and %s", localhost)
	case strings.HasSuffix(host, ".svc") || strings.Contains(host, ".svc."):
		o.add(NoTraces, setting, want, have, "Write %s: what runs on the node's network does not resolve the names of Services", want)
	case host == "localhost":
		o.add(NoTraces, setting, want, have, "Write %s: %s", want, localhost)
	case strings.Contains(have, "://") && !strings.HasPrefix(have, "unix"):
		o.add(NoTraces, setting, want, have, "Write %s: it is an address and no URL", want)
	case ip != nil && ip.IsLoopback(), strings.HasPrefix(have, "unix"):
		o.add(NoTraces, setting, want, have, "Write %s, where the collector listens", want)
	case ip != nil && ip.IsUnspecified():
		o.add(Stale, setting, want, have, "Write %s: that it reaches the node itself is a habit of Linux", want)
	case ip == nil && mayBeService:
		o.add(NoTraces, setting, want, have, "Write %s: what runs on the node's network does not resolve the names of Services, and if this is another machine, spans leave the node in plain text", want)
	default:
		o.add(Exposed, setting, want, have, "Write %s: spans leave the node in plain text", want)
	}
}

// rate judges a sampling rate per million. Without one a component samples
// nothing by itself.
func (o on) rate(setting string, have *int32, want int32) {
	text := itoa(int64(want))
	switch {
	case have == nil && want == 0, have != nil && *have == want:
	case have == nil:
		o.add(NoTraces, setting, text, "nothing", "Write it: without a rate nothing is sampled that does not come with a sampled trace")
	case *have == 0:
		o.add(NoTraces, setting, text, "0", "Write %s: nothing is sampled that does not come with a sampled trace", text)
	default:
		o.add(Stale, setting, text, itoa(int64(*have)), "Write %s, or change the spec", text)
	}
}
