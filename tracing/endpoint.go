package tracing

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// abstractScheme is how Kubernetes and etcd write a socket in the abstract
// namespace. gRPC keeps the slash before the name, so the collector listens on
// "@/name".
const abstractScheme = "unix-abstract:///"

// abstractName bounds the name of an abstract socket: a sun_path has 108 bytes,
// of which the leading zero and the slash take two.
var abstractName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$`)

// grpcScheme is a scheme that gRPC reads without slashes after it.
// https://github.com/grpc/grpc/blob/master/doc/naming.md
var grpcScheme = regexp.MustCompile(`^(dns|ipv4|ipv6|passthrough|unix|unix-abstract|vsock|xds):`)

// target is a parsed TracingSpec.Endpoint.
type target struct {
	abstract string // the name of an abstract socket, or empty
	host     string // without brackets
	port     int32
}

// parseEndpoint reads TracingSpec.Endpoint. Upstream's validation is of no use
// here: it accepts endpoints that never export and refuses some that would.
// The error says what to write instead.
func parseEndpoint(endpoint string, withCollector bool) (target, error) {
	if name, ok := strings.CutPrefix(endpoint, abstractScheme); ok {
		if !abstractName.MatchString(name) {
			return target{}, fmt.Errorf("the name of an abstract socket is 1 to 100 letters, digits, '-', '_' and '.', with a letter or digit at both ends: write unix-abstract:///kubetrace")
		}
		return target{abstract: name}, nil
	}
	switch {
	case strings.HasPrefix(endpoint, "unix-abstract:"):
		return target{}, fmt.Errorf("an abstract socket is written with three slashes: write %skubetrace", abstractScheme)
	case strings.HasPrefix(endpoint, "unix:"):
		return target{}, fmt.Errorf("a socket file cannot be mounted into etcd's static pod, and one that a killed collector leaves behind blocks the next: write %skubetrace or %s", abstractScheme, DefaultEndpoint)
	case strings.Contains(endpoint, "://"), grpcScheme.MatchString(endpoint):
		return target{}, fmt.Errorf("write the host and port alone, without a scheme, such as %s", DefaultEndpoint)
	}
	host, port, err := splitHostPort(endpoint, DefaultEndpoint)
	if err != nil {
		return target{}, err
	}
	t := target{host: host, port: port}
	if withCollector {
		return t, loopback(host, port)
	}
	return t, reachable(host, port)
}

// loopback refuses what is not an IP address of the loopback interface.
func loopback(host string, port int32) error {
	addr, err := netip.ParseAddr(host)
	switch {
	case strings.EqualFold(host, "localhost"):
		return fmt.Errorf("localhost may be 127.0.0.1 or ::1, and the collector listens on one of them: write 127.0.0.1:%d or [::1]:%d", port, port)
	case err != nil:
		return fmt.Errorf("the generated collector listens on the loopback address of each node: write 127.0.0.1:%d, [::1]:%d or %skubetrace, or set collector.disabled", port, port, abstractScheme)
	case addr.Is4In6() || addr.Zone() != "":
		return fmt.Errorf("write the address in its plain form: 127.0.0.1:%d or [::1]:%d", port, port)
	case !addr.IsLoopback():
		return fmt.Errorf("components send in plain text and without authentication, so the generated collector listens on the loopback address only: write 127.0.0.1:%d or [::1]:%d, or set collector.disabled", port, port)
	}
	return nil
}

// reachable refuses what no component can ever reach, and guesses nothing else.
func reachable(host string, port int32) error {
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && addr.IsUnspecified():
		return fmt.Errorf("%s is no address to send to: write that of the collector, such as 127.0.0.1:%d", host, port)
	case err == nil && (addr.Zone() != "" || addr.Is4In6()):
		return fmt.Errorf("write the address in its plain form, without a zone: such as 127.0.0.1:%d", port)
	case err == nil:
		return nil
	}
	return hostName(host, fmt.Sprintf("127.0.0.1:%d", port), true)
}

// hostName refuses what is not a DNS name and, for a component, the name of a
// Service.
func hostName(host, instead string, ofComponent bool) error {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case len(validation.IsDNS1123Subdomain(name)) > 0:
		return fmt.Errorf("%q is neither an IP address nor a DNS name: write one of them, such as %s", host, instead)
	case strings.Trim(last, "0123456789") == "":
		return fmt.Errorf("%q is not an IP address, though it ends in a number: write all four numbers, such as %s", host, instead)
	case ofComponent && (strings.HasSuffix(name, ".svc") || strings.Contains(name, ".svc.")):
		return fmt.Errorf("etcd, kube-apiserver and kubelet run in the host's network and do not resolve Service names: write an address that every node reaches, such as %s", instead)
	}
	return nil
}

// splitHostPort splits host:port and refuses what gRPC would read as something
// else: a port left out is 443 there, and ::1:4317 is an address.
func splitHostPort(endpoint, example string) (host string, port int32, err error) {
	host, portText, err := net.SplitHostPort(endpoint)
	switch {
	case strings.ContainsAny(endpoint, "@?#/"):
		// These may come with a secret, which no message may show.
		return "", 0, fmt.Errorf("write the host and port alone, such as %s", example)
	case err != nil && endpoint != "" && strings.Contains(err.Error(), "missing port"):
		return "", 0, fmt.Errorf("the port is missing, and gRPC would then use 443: write %s:4317", endpoint)
	case err != nil && strings.Count(endpoint, ":") > 1:
		return "", 0, fmt.Errorf("an IPv6 address needs brackets: write it as [::1]:4317")
	case err != nil || host == "":
		return "", 0, fmt.Errorf("write the host and port, such as %s", example)
	case strings.HasPrefix(endpoint, "[") && !strings.Contains(host, ":"):
		return "", 0, fmt.Errorf("only an IPv6 address stands in brackets: write %s:%s", host, portText)
	}
	number, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || number == 0 || strconv.FormatUint(number, 10) != portText {
		return "", 0, fmt.Errorf("a port is a number from 1 to 65535 with nothing after it: write one, such as %s", net.JoinHostPort(host, "4317"))
	}
	return host, int32(number), nil
}
