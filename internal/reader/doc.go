// Package reader reads what components read, as they read it: a tracing file as
// kube-apiserver does, a configuration as the kubelet, etcd or kind does. What the
// component refuses or passes over is a [Problem] here, and nothing else is. Of a
// kubelet's configuration, which each release gives more fields, it reads what
// tracing asks for and no more.
package reader
