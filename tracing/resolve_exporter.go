package tracing

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func (r *resolver) resolveExporter(path *field.Path) {
	spec := r.spec.Collector.Exporter
	switch spec.Compression {
	case "gzip", "zstd", "snappy", "none":
	default:
		r.invalid(path.Child("compression"), spec.Compression, "write gzip, zstd, snappy or none")
	}
	if spec.Endpoint == "" {
		r.resolveBackendExporter(path)
		return
	}
	switch spec.Protocol {
	case "grpc":
		r.checkGRPCEndpoint(path.Child("endpoint"), spec.Endpoint)
	case "http":
		r.checkHTTPEndpoint(path, spec)
	default:
		r.invalid(path.Child("protocol"), spec.Protocol, "write grpc or http")
	}
	r.checkTLS(path.Child("tls"), spec)
	r.checkHeaders(path.Child("headers"), spec)
	r.exporter = *spec.DeepCopy()
}

// resolveBackendExporter sends to the development backend, for which the other
// settings of the exporter make no sense.
func (r *resolver) resolveBackendExporter(path *field.Path) {
	spec := r.spec.Collector.Exporter
	if r.spec.Backend.Disabled {
		r.required(path.Child("endpoint"), "the development backend is disabled, so write where the collector sends to, such as otlp.example.com:4317")
		return
	}
	const why = "without collector.exporter.endpoint the collector sends to the development backend, over gRPC and in plain text: write the endpoint too, or leave this out"
	if spec.Protocol != DefaultProtocol {
		r.forbidden(path.Child("protocol"), why)
	}
	if spec.TLS != nil {
		r.forbidden(path.Child("tls"), why)
	}
	if len(spec.Headers) > 0 {
		r.forbidden(path.Child("headers"), why)
	}
	r.exporter = backendExporter(r.spec.Backend.Namespace, spec.Compression)
}

// checkGRPCEndpoint judges host:port or dns:///host:port.
func (r *resolver) checkGRPCEndpoint(path *field.Path, endpoint string) {
	const example = "otlp.example.com:4317"
	address := strings.TrimPrefix(endpoint, "dns:///")
	switch {
	case strings.HasPrefix(address, "http://"), strings.HasPrefix(address, "https://"):
		r.invalid(path, withoutSecrets(endpoint), "for gRPC write the host and port without a scheme, such as %s (TLS is used unless exporter.insecure is set), or write protocol http", example)
		return
	case strings.Contains(address, "://"), grpcScheme.MatchString(address):
		r.invalid(path, withoutSecrets(endpoint), "write host:port or dns:///host:port, such as %s", example)
		return
	}
	host, port, err := splitHostPort(address, example)
	if err == nil {
		err = exporterHost(host, example)
	}
	if err != nil {
		r.invalid(path, withoutSecrets(endpoint), "%s", err)
		return
	}
	r.checkLoop(path, endpoint, host, port)
}

// checkHTTPEndpoint judges the base URL of OTLP over HTTP.
func (r *resolver) checkHTTPEndpoint(parent *field.Path, spec ExporterSpec) {
	const example = "https://otlp.example.com:4318"
	path := parent.Child("endpoint")
	u, err := url.Parse(spec.Endpoint)
	switch {
	case err != nil || !printable(spec.Endpoint) || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		r.invalid(path, withoutSecrets(spec.Endpoint), "for HTTP write a URL, such as %s", example)
		return
	case u.User != nil:
		r.invalid(path, withoutSecrets(spec.Endpoint), "a password in the URL would stand in a ConfigMap: write a header with secretKeyRef")
		return
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(spec.Endpoint, "#"):
		r.invalid(path, withoutSecrets(spec.Endpoint), "write the URL without query and fragment, such as %s", example)
		return
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/v1/traces"):
		r.invalid(path, withoutSecrets(spec.Endpoint), "the collector adds /v1/traces itself: write the URL without it")
		return
	case u.Scheme == "http" && !spec.Insecure:
		r.invalid(path, withoutSecrets(spec.Endpoint), "http:// sends in plain text: write https://, or set exporter.insecure too")
		return
	case u.Scheme == "https" && spec.Insecure:
		r.invalid(parent.Child("insecure"), true, "the endpoint is https://: leave insecure out, or write http://")
		return
	}
	port := map[string]int32{"http": 80, "https": 443}[u.Scheme]
	host := u.Hostname()
	if u.Port() != "" || strings.HasSuffix(u.Host, ":") {
		host, port, err = splitHostPort(u.Host, "otlp.example.com:4318")
	}
	if err == nil {
		err = exporterHost(host, "otlp.example.com")
	}
	if err != nil {
		r.invalid(path, withoutSecrets(spec.Endpoint), "%s", err)
		return
	}
	r.checkLoop(path, spec.Endpoint, host, port)
}

// exporterHost refuses what is neither an IP address nor a DNS name.
func exporterHost(host, example string) error {
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && (addr.IsUnspecified() || addr.Zone() != ""):
		return fmt.Errorf("%s is no address to send to: write that of the backend, such as %s", host, example)
	case err == nil:
		return nil
	}
	return hostName(host, example, false)
}

// checkLoop refuses an exporter that sends to the collector's own ports.
func (r *resolver) checkLoop(path *field.Path, endpoint, host string, port int32) {
	ip := net.ParseIP(host)
	local := strings.EqualFold(host, "localhost") || (ip != nil && ip.IsLoopback())
	own := port == r.target.port || port == r.spec.Collector.HealthPort || port == r.spec.Collector.MetricsPort
	if local && own {
		r.invalid(path, withoutSecrets(endpoint), "port %s of the node's loopback address is the collector's own: write the backend's address", strconv.Itoa(int(port)))
	}
}

// checkTLS judges which settings of TLS go together.
func (r *resolver) checkTLS(path *field.Path, spec ExporterSpec) {
	tls := spec.TLS
	if tls == nil {
		return
	}
	if spec.Insecure {
		r.forbidden(path, "exporter.insecure sends in plain text: leave one of them out")
	}
	r.checkSecretKey(path.Child("ca"), tls.CA)
	r.checkSecretKey(path.Child("cert"), tls.Cert)
	r.checkSecretKey(path.Child("key"), tls.Key)
	switch {
	case tls.Cert != nil && tls.Key == nil:
		r.required(path.Child("key"), "a client certificate needs its private key: write the Secret's name and key")
	case tls.Key != nil && tls.Cert == nil:
		r.required(path.Child("cert"), "a private key needs its certificate: write the Secret's name and key")
	}
	if name := tls.ServerName; name != "" && net.ParseIP(name) == nil && len(validation.IsDNS1123Subdomain(strings.ToLower(name))) > 0 {
		r.invalid(path.Child("serverName"), name, "write the DNS name or IP address in the backend's certificate, such as otlp.example.com")
	}
}

// headerName is a field name of HTTP, without the $ that the collector expands.
// https://www.rfc-editor.org/rfc/rfc9110#name-tokens
var headerName = regexp.MustCompile("^[A-Za-z0-9!#%&'*+.^_`|~-]+$")

// metadataName is a key of gRPC metadata.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
var metadataName = regexp.MustCompile(`^[a-z0-9_.-]+$`)

// reservedHeaders are written by the exporter or its transport. gRPC drops a
// user-agent of others.
var reservedHeaders = []string{"connection", "content-encoding", "content-length", "content-type", "host", "te", "transfer-encoding", "user-agent"}

// headerValue is what both HTTP and gRPC carry unchanged.
var headerValue = regexp.MustCompile(`^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$`)

// credentialName is a header whose value is a secret.
var credentialName = regexp.MustCompile(`(?i)^(proxy-)?authorization$|^cookie$|(api|access|license|private)[-_]?key|token|secret|passw|credential|^x-honeycomb-team$|-dsn$`)

// credentialValue is a credential under any name.
var credentialValue = regexp.MustCompile(`(?i)^(basic|bearer|digest) `)

// hidden stands in messages for what may be a secret, such as the value of a
// header.
const hidden = "(not shown)"

// withoutSecrets returns an address as a message may show it: nothing of one
// that names a user, and otherwise without query and fragment.
func withoutSecrets(endpoint string) string {
	if strings.Contains(endpoint, "@") {
		return hidden
	}
	if i := strings.IndexAny(endpoint, "?#"); i >= 0 {
		return endpoint[:i] + hidden
	}
	return endpoint
}

// checkHeaders judges the exporter's headers.
func (r *resolver) checkHeaders(path *field.Path, spec ExporterSpec) {
	seen := map[string]bool{}
	for i, header := range spec.Headers {
		at := path.Index(i)
		lower, shown := strings.ToLower(header.Name), header.Name
		if !headerName.MatchString(shown) {
			shown = hidden // it may be a whole header, with its secret
		}
		switch {
		case spec.Protocol == "grpc" && (!metadataName.MatchString(header.Name) || strings.HasPrefix(lower, "grpc-") || strings.HasSuffix(lower, "-bin")):
			r.invalid(at.Child("name"), shown, "for gRPC write lower-case letters, digits, '-', '_' and '.', not beginning with grpc- and not ending in -bin, such as x-tenant")
		case !headerName.MatchString(header.Name):
			r.invalid(at.Child("name"), shown, "write the name of an HTTP header, such as X-Tenant")
		case slices.Contains(reservedHeaders, lower):
			r.invalid(at.Child("name"), shown, "OTLP sets this header itself: leave it out")
		case seen[lower]:
			r.duplicate(at.Child("name"), shown, "write each header once, in any case of letters")
		}
		seen[lower] = true

		switch {
		case header.Value != "" && header.SecretKeyRef != nil:
			r.forbidden(at.Child("value"), "write either value or secretKeyRef")
		case header.SecretKeyRef != nil:
			r.checkSecretKey(at.Child("secretKeyRef"), header.SecretKeyRef)
			if spec.Insecure {
				r.forbidden(at.Child("secretKeyRef"), "exporter.insecure would send the secret in plain text: leave one of them out")
			}
		case header.Value == "":
			r.required(at.Child("value"), "write value, or secretKeyRef for a credential")
		case credentialName.MatchString(header.Name), credentialValue.MatchString(header.Value):
			r.forbidden(at.Child("value"), "a credential would stand readable in a ConfigMap: put it into a Secret and write secretKeyRef")
		case !headerValue.MatchString(header.Value):
			r.invalid(at.Child("value"), hidden, "write printable ASCII without spaces at the ends, or secretKeyRef")
		}
	}
}
