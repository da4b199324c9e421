package collector

import (
	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

// tlsFile is a PEM file that a Secret holds.
type tlsFile struct {
	setting string // of the exporter
	path    string // in the folder
	key     *corev1.SecretKeySelector
}

// tlsFiles returns the files that the spec names.
func tlsFiles(spec *tracing.TLSSpec) []tlsFile {
	if spec == nil {
		return nil
	}
	var files []tlsFile
	for _, file := range []tlsFile{
		{"ca_file", caFile, spec.CA},
		{"cert_file", certFile, spec.Cert},
		{"key_file", keyFile, spec.Key},
	} {
		if file.key != nil {
			files = append(files, file)
		}
	}
	return files
}

// tlsVolume projects the keys of several Secrets into one folder.
func tlsVolume(files []tlsFile) corev1.Volume {
	mode := int32(0o440)
	projected := &corev1.ProjectedVolumeSource{DefaultMode: &mode}
	for _, file := range files {
		projected.Sources = append(projected.Sources, corev1.VolumeProjection{Secret: &corev1.SecretProjection{
			LocalObjectReference: file.key.LocalObjectReference,
			Items:                []corev1.KeyToPath{{Key: file.key.Key, Path: file.path}},
		}})
	}
	return corev1.Volume{Name: "tls", VolumeSource: corev1.VolumeSource{Projected: projected}}
}
