package kubeadm

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

// argName is the name of a flag, without the dashes before it.
var argName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// check returns what no component could start with.
func (p *Patch) check() []error {
	var errs []error
	for _, component := range []struct {
		name string
		args []Arg
	}{{"etcd", p.Etcd.Args}, {"kube-apiserver", p.APIServer.Args}} {
		for _, arg := range component.args {
			if !argName.MatchString(arg.Name) {
				errs = append(errs, fmt.Errorf("%s flag name %q: write it without dashes before it and without a value, such as %q", component.name, arg.Name, "v"))
			}
		}
	}
	for i, v := range p.APIServer.Volumes {
		for _, other := range p.APIServer.Volumes[:i] {
			if v.Name == other.Name || path.Clean(v.MountPath) == path.Clean(other.MountPath) {
				errs = append(errs, fmt.Errorf("kube-apiserver volumes %q and %q: give them different names and mount paths", other.Name, v.Name))
			}
		}
		at := fmt.Sprintf("kube-apiserver volume %q", v.Name)
		if len(validation.IsDNS1123Label(v.Name)) > 0 {
			errs = append(errs, fmt.Errorf("%s: write a name of at most 63 lower-case letters, digits and '-'", at))
		}
		if !path.IsAbs(v.HostPath) {
			errs = append(errs, fmt.Errorf("%s: hostPath %q: write an absolute path", at, v.HostPath))
		}
		if !path.IsAbs(v.MountPath) || strings.Contains(v.MountPath, ":") {
			errs = append(errs, fmt.Errorf("%s: mountPath %q: write an absolute path without ':'", at, v.MountPath))
		}
	}
	return errs
}

// checkContent refuses a static-pod patch that kubeadm could not read.
func checkContent(content string) error {
	var document any
	if err := yaml.Unmarshal([]byte(content), &document); err != nil {
		return fmt.Errorf("its content is no YAML: %w", err)
	}
	if document == nil {
		return errors.New("it has no content: write the patch, or leave it out")
	}
	return nil
}
