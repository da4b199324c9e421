// Package admission lets Kubernetes itself judge what kubetrace wants it to
// take in: the objects of the collector and of the backend, and the flags of
// kube-apiserver.
//
//   - k8s.io/pod-security-admission judges the pod templates by the policy of
//     every minor release: their own namespaces admit them, and others refuse
//     them for the reasons that the library names.
//   - A real kube-apiserver with a real etcd, of an old and of a new release,
//     takes every object by create and by server-side apply, without a warning
//     and with every field kept, and finds nothing to change when it is applied
//     again.
//   - The same kube-apiserver runs with the generated flags and tracing file and
//     sends spans; it ends, or sends nothing, with wrong ones.
//
// The folder judge pins them, the folder etcd both etcds. The old release is one
// of those that .ci/run judges; kube-apiserver of 1.22 and 1.23 cannot be built,
// since their modules lack a generated file (pkg/generated/openapi), nor that of
// 1.38.0-beta.0, since k8s.io/apiextensions-api, which it imports, is not served.
//
// The first build of each kube-apiserver takes five to fifteen minutes, a run
// after that less than one. Everything stays on loopback and in temporary
// folders. It needs Linux.
package admission
