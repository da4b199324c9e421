package kubeadm

import (
	"errors"
	"fmt"
)

// ArgList returns flags as tools take them in a list, each "name=value" without the
// dashes: k3s, RKE2, kops. Arg.String has the dashes.
func ArgList(args []Arg) []string {
	list := make([]string, len(args))
	for i, arg := range args {
		list[i] = arg.Name + "=" + arg.Value
	}
	return list
}

// ArgMap returns flags by their names, as tools take them that have a map: kubeadm's
// v1beta3, Cluster API's v1beta1, k0s, Talos. It errs where a flag is given twice, of
// which a map can hold one.
func ArgMap(args []Arg) (map[string]string, error) {
	byName := make(map[string]string, len(args))
	var errs []error
	for _, arg := range args {
		if before, twice := byName[arg.Name]; twice {
			errs = append(errs, fmt.Errorf("the flag %s is given twice, as %q and as %q, and a map holds one: merge the values", arg.Name, before, arg.Value))
			continue
		}
		byName[arg.Name] = arg.Value
	}
	return byName, errors.Join(errs...)
}
