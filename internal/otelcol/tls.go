package otelcol

import (
	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

// TLSFolder is where the container has the files of certificates.
const TLSFolder = "/etc/kubetrace/tls"

// TLSFile is a PEM file that a Secret holds.
type TLSFile struct {
	setting string // of the exporter or receiver
	path    string // in the folder
	key     *corev1.SecretKeySelector
}

// Name is the file's name in the folder.
func (f TLSFile) Name() string { return f.path }

// Key is the key of a Secret that holds it.
func (f TLSFile) Key() corev1.SecretKeySelector { return *f.key.DeepCopy() }

// TLSFiles returns the files that an exporter needs.
func TLSFiles(spec *tracing.TLSSpec) []TLSFile {
	if spec == nil {
		return nil
	}
	return namedFiles(
		TLSFile{"ca_file", "ca.crt", spec.CA},
		TLSFile{"cert_file", "tls.crt", spec.Cert},
		TLSFile{"key_file", "tls.key", spec.Key},
	)
}

// ServerTLSFiles returns the files that the gateway's receiver needs.
func ServerTLSFiles(spec *tracing.GatewayTLSSpec) []TLSFile {
	if spec == nil {
		return nil
	}
	return namedFiles(
		TLSFile{"cert_file", "server.crt", spec.Cert},
		TLSFile{"key_file", "server.key", spec.Key},
		TLSFile{"client_ca_file", "client-ca.crt", spec.ClientCA},
	)
}

// namedFiles returns the files for which there is a key.
func namedFiles(files ...TLSFile) []TLSFile {
	var named []TLSFile
	for _, file := range files {
		if file.key != nil {
			named = append(named, file)
		}
	}
	return named
}

// TLS returns the settings that name the files.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/config/configtls
func TLS(files []TLSFile) Section {
	settings := Section{}
	for _, file := range files {
		settings[file.setting] = TLSFolder + "/" + file.path
		// What was renewed in its Secret is read without a restart.
		switch file.setting {
		case "cert_file":
			settings["reload_interval"] = "5m"
		case "client_ca_file":
			settings["client_ca_file_reload"] = true
		}
	}
	return settings
}

// AddTLS mounts the files into a pod, whose first container needs them: the keys
// of several Secrets in one folder, readable to the collector's group and nobody
// else.
func AddTLS(pod *corev1.PodSpec, files []TLSFile) {
	if len(files) == 0 {
		return
	}
	const name = "tls"
	mode, group := int32(0o440), UserID
	projected := &corev1.ProjectedVolumeSource{DefaultMode: &mode}
	for _, file := range files {
		projected.Sources = append(projected.Sources, corev1.VolumeProjection{Secret: &corev1.SecretProjection{
			LocalObjectReference: file.key.LocalObjectReference,
			Items:                []corev1.KeyToPath{{Key: file.key.Key, Path: file.path}},
		}})
	}
	pod.SecurityContext.FSGroup = &group
	pod.Volumes = append(pod.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Projected: projected}})
	container := &pod.Containers[0]
	container.VolumeMounts = append(container.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: TLSFolder, ReadOnly: true})
}
