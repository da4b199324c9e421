// Command judge is linked with the code of one Kubernetes release and answers
// what kubeadm, kube-apiserver and the kubelet of that release make of a
// configuration. It reads questions from its standard input and writes answers
// to its standard output, as package api tells.
//
// go.mod is empty on purpose: each release has a mod file of its own, v1.N.mod,
// which pins k8s.io/kubernetes and all modules that it is released with. Build
// one with
//
//	go build -modfile=v1.29.mod -tags=$(for n in $(seq 22 29); do printf 'k8s1.%d,' $n; done)
//
// A file with the constraint k8s1.25 is for Kubernetes 1.25 and later.
package main

import (
	"fmt"
	"io"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"sync"
)

// one is held by whoever answers: a release's code has global state, such as
// feature gates, the log and the environment.
var one sync.Mutex

func main() {
	// kubeadm prints all it writes to standard output, which is for the answers.
	answers := os.Stdout
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	os.Stdout = nowhere
	captureLog()
	for _, judge := range []any{Kubeadm{}, APIServer{}, Kubelet{}, Gates{}} {
		if err := rpc.Register(judge); err != nil {
			panic(err)
		}
	}
	jsonrpc.ServeConn(conversation{os.Stdin, answers})
}

// recovered turns a panic into an error: some releases end that way where a
// configuration is wrong.
func recovered(errs *[]string) {
	if cause := recover(); cause != nil {
		*errs = append(*errs, fmt.Sprintf("panic: %v", cause))
	}
}

// conversation is standard input and output as one connection.
type conversation struct {
	io.Reader
	io.WriteCloser
}
