// Package lab turns one machine into several: a Node is a set of Linux
// namespaces (mount, network, PID, UTS, IPC and cgroup) with a root file system,
// a network address and a container runtime of its own, on which a real kubeadm
// makes a real cluster. Nothing is pulled: images are made from programs.
//
// Nothing outlives the process that made a Lab, however that ends. A node's
// first process ends when its pipe to the lab does, and with it every process of
// the node, its mounts and its network; what is then left, control groups and
// files, the next Lab removes where this one could not. What a kubelet would
// change of the kernel, it changes in files of its node.
//
// All addresses are of 192.0.2.0/24 and 10.0.0.0/8 inside of those namespaces,
// and can be reached from no other: Node.Dial goes in.
//
// A node is no sandbox. Its root is the machine's, with the machine's devices, so
// whoever may run pods on it may do anything to the machine.
//
// A program that uses the package calls Main before anything else, since the
// nodes run the same program. It needs Linux and root; Missing says what else.
// It was run on cgroup v1. The code knows cgroup v2 too, on which nobody has run
// it yet.
package lab
