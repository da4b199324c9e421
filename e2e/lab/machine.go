package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Where Debian puts what the nodes take from the machine.
const (
	cniFolder = "/usr/lib/cni"
	// The search path of the nodes and of this package.
	searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// Missing returns an error that says what this machine lacks for a Lab, and how
// to install it.
func Missing() error {
	if runtime.GOOS != "linux" {
		return errors.New("nodes are made of Linux namespaces: run this on Linux")
	}
	if os.Geteuid() != 0 {
		return errors.New("nodes are made of namespaces and control groups, which only root may make: run this as root, on a machine that is yours")
	}
	var packages, why []string
	need := func(there bool, what, debianPackage string) {
		if !there && !slices.Contains(packages, debianPackage) {
			packages = append(packages, debianPackage)
			why = append(why, what)
		}
	}
	need(found("runc"), "runc, which starts containers", "runc")
	for _, plugin := range []string{"ptp", "host-local", "loopback", "portmap"} {
		_, err := os.Stat(filepath.Join(cniFolder, plugin))
		need(err == nil, "the CNI plugins in "+cniFolder, "containernetworking-plugins")
	}
	need(found("xtables-nft-multi"), "iptables, which kube-proxy calls", "iptables")
	need(found("mount"), "mount, which the kubelet calls", "mount")
	if len(packages) > 0 {
		return fmt.Errorf("this machine lacks %s; on Debian or Ubuntu: apt-get install -y %s", strings.Join(why, ", "), strings.Join(packages, " "))
	}
	_, err := hierarchies()
	return err
}

func found(program string) bool {
	_, err := lookUp(program)
	return err == nil
}

// lookUp finds a program that a PATH without the system's folders would hide.
func lookUp(program string) (string, error) {
	for _, folder := range filepath.SplitList(searchPath) {
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is in none of %s", program, searchPath)
}
