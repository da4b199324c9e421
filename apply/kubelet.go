package apply

import (
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// kubeletConfiguration edits a kubelet's configuration.
func (d *document) kubeletConfiguration() {
	if d.NotGenerated(tracing.ComponentKubelet) == nil {
		fields := d.child(d.tree, "tracing")
		d.value(fields, []any{"tracing"}, "endpoint", "tracing.endpoint", d.ComponentEndpoint())
		d.value(fields, []any{"tracing"}, "samplingRatePerMillion", "tracing.samplingRatePerMillion", int(d.KubeletSamplingRate()))
		keep(d.tree, "tracing", fields)
	}
	d.gateMap(d.tree, nil, d.kubeletGates())
}

// kubeProxyConfiguration edits kube-proxy's configuration: kube-proxy knows the gates
// of all components, and each release refuses those that it knows no more.
func (d *document) kubeProxyConfiguration() { d.gateMap(d.tree, nil, d.serverGates(false)) }

// nodeRegistration edits what InitConfiguration and JoinConfiguration give the
// kubelet: flags that go before its configuration.
func (d *document) nodeRegistration() {
	d.readable()
	registration := d.child(d.tree, "nodeRegistration")
	f, err := readFlags(tracing.ComponentKubelet, registration["kubeletExtraArgs"], d.form())
	if err != nil {
		d.invalid("nodeRegistration.kubeletExtraArgs", registration["kubeletExtraArgs"], "%s", err)
		return
	}
	d.gateFlag(&f, []any{"nodeRegistration", "kubeletExtraArgs"}, "kubelet", d.kubeletGates(), false)
	put(registration, "kubeletExtraArgs", f.write())
	keep(d.tree, "nodeRegistration", registration)
}

// tracingConfiguration edits kube-apiserver's file.
func (d *document) tracingConfiguration() {
	if d.NotGenerated(tracing.ComponentAPIServer) != nil || d.remove {
		return // without its flag nobody reads it
	}
	if want, have := d.ControlPlane().TracingConfigurationAPIVersion, d.tree["apiVersion"]; have != want {
		d.replace([]any{"apiVersion"}, "apiVersion", have, want)
		d.tree["apiVersion"] = want
	}
	d.value(d.tree, nil, "endpoint", "endpoint", d.ComponentEndpoint())
	d.value(d.tree, nil, "samplingRatePerMillion", "samplingRatePerMillion", int(d.APIServerSamplingRate()))
}

// addKubelet gives a stream with a ClusterConfiguration the kubelet's part, where it
// has none.
func (p *pass) addKubelet() error {
	config := kubelet.ConfigurationFor(p.Resolved)
	if config == nil || !p.has("ClusterConfiguration") || p.has("KubeletConfiguration") {
		return nil
	}
	text, err := tracing.Marshal(config)
	if err != nil {
		return err
	}
	return p.text.AppendDocument(string(text))
}
