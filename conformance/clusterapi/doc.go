// Package clusterapi judges by Cluster API's own code, and by a kube-apiserver, what
// kubetrace makes of Cluster API's objects:
//
//   - what its bootstrap provider writes for kubeadm goes through the kubeadm,
//     kube-apiserver and kubelet of each release, for a control plane and for a worker
//     (render_test.go);
//   - its webhooks take the objects, as new ones and as updates of those that a person had
//     (webhook_test.go);
//   - a kube-apiserver takes them by the published CustomResourceDefinitions, with their
//     rules in CEL, and strictly (definition_test.go).
//
// The objects are those of apply/testdata/corpus/clusterapi, and some of their own.
package clusterapi
