package setting

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"kubetrace/tracing"
)

// JudgeEndpoint judges where a component sends to.
func JudgeEndpoint(r tracing.Resolved, have string) (Class, string) {
	want := r.ComponentEndpoint()
	if have == want {
		return Same, ""
	}
	target := have
	if rest, ok := strings.CutPrefix(have, "dns:"); ok && (!strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "///")) {
		target = strings.TrimPrefix(rest, "///") // gRPC's own way to write an address
	}
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		host = target
	}
	localhost := "localhost may be ::1, where nobody listens"
	if strings.Contains(r.ListenerHost(), ":") {
		localhost = "localhost may be 127.0.0.1, where nobody listens"
	}
	// Names of two parts may be a Service with its namespace, or a domain.
	mayBeService := strings.Count(host, ".") < 2 && host != "" && !strings.ContainsAny(host, ":/")
	ip := net.ParseIP(host)
	switch {
	case target == want:
		return OtherValue, fmt.Sprintf("Write %s, which is the same", want)
	case have == "":
		return Silent, fmt.Sprintf("Write %s: the default is localhost:4317, and %s", want, localhost)
	case strings.HasSuffix(host, ".svc") || strings.Contains(host, ".svc."):
		return Silent, fmt.Sprintf("Write %s: what runs on the node's network does not resolve the names of Services", want)
	case host == "localhost":
		return Silent, fmt.Sprintf("Write %s: %s", want, localhost)
	case strings.Contains(target, "://") && !strings.HasPrefix(target, "unix"):
		return Silent, fmt.Sprintf("Write %s: it is an address and no URL", want)
	case ip != nil && ip.IsLoopback(), strings.HasPrefix(have, "unix"):
		return Silent, fmt.Sprintf("Write %s, where the collector listens", want)
	case ip != nil && ip.IsUnspecified():
		return OtherValue, fmt.Sprintf("Write %s: that it reaches the node itself is a habit of Linux", want)
	case ip == nil && mayBeService:
		return Silent, fmt.Sprintf("Write %s: what runs on the node's network does not resolve the names of Services, and if this is another machine, spans leave the node in plain text", want)
	}
	return Exposed, fmt.Sprintf("Write %s: spans leave the node in plain text", want)
}

// million is the highest sampling rate.
const million = 1_000_000

// JudgeRate judges a sampling rate per million. Without one, or with 0, a component
// samples nothing by itself.
func JudgeRate(have, want string) (Class, string) {
	none := "nothing is sampled that does not come with a sampled trace"
	n, err := strconv.ParseInt(have, 0, 64) // as Go's flags read it
	switch {
	case have == want, have == "" && want == "0":
		return Same, ""
	case have == "":
		return Silent, fmt.Sprintf("Write %s: without a rate %s", want, none)
	case err != nil || n < 0 || n > million:
		return RefusesToStart, fmt.Sprintf("Write %s: a rate is a whole number from 0 to %d", want, million)
	case n == 0:
		return Silent, fmt.Sprintf("Write %s: %s", want, none)
	case strconv.FormatInt(n, 10) == want:
		return Same, ""
	}
	return OtherValue, fmt.Sprintf("Write %s, or change the spec", want)
}
