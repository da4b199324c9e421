package admission

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// fieldManager owns the fields that are applied.
const fieldManager = "kubetrace"

// Client gives objects to a kube-apiserver. Each of its methods errs where the
// server refuses the object, warns of it, or loses or changes one of its fields.
// It is not for use by several goroutines.
type Client struct {
	objects  dynamic.Interface
	mapper   meta.RESTMapper
	warnings warnings
}

// NewClient returns a client that knows the APIs that the server has now.
func NewClient(config *rest.Config) (*Client, error) {
	c := &Client{}
	config = rest.CopyConfig(config)
	config.WarningHandler = &c.warnings
	lister, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	groups, err := restmapper.GetAPIGroupResources(lister)
	if err != nil {
		return nil, err
	}
	c.mapper = restmapper.NewDiscoveryRESTMapper(groups)
	c.objects, err = dynamic.NewForConfig(config)
	return c, err
}

// DryCreate lets the server judge a new object without keeping it.
func (c *Client) DryCreate(ctx context.Context, object *unstructured.Unstructured) error {
	resource, err := c.resource(object)
	if err != nil {
		return err
	}
	got, err := resource.Create(ctx, object, metav1.CreateOptions{
		DryRun:          []string{metav1.DryRunAll},
		FieldManager:    fieldManager,
		FieldValidation: metav1.FieldValidationStrict, // ignored by a release that does not know it
	})
	return c.judge("create", object, got, err)
}

// DryApply is server-side apply without keeping the result.
func (c *Client) DryApply(ctx context.Context, object *unstructured.Unstructured) error {
	_, err := c.apply(ctx, object, metav1.DryRunAll)
	return err
}

// Apply is server-side apply. It returns what the server then has.
func (c *Client) Apply(ctx context.Context, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return c.apply(ctx, object)
}

func (c *Client) apply(ctx context.Context, object *unstructured.Unstructured, dryRun ...string) (*unstructured.Unstructured, error) {
	resource, err := c.resource(object)
	if err != nil {
		return nil, err
	}
	body, err := object.MarshalJSON()
	if err != nil {
		return nil, err
	}
	got, err := resource.Patch(ctx, object.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{
		DryRun:          dryRun,
		FieldManager:    fieldManager,
		FieldValidation: metav1.FieldValidationStrict,
	})
	return got, c.judge("apply", object, got, err)
}

// ApplyAgain applies an object that the server has already as it is, as
// somebody does who runs kubectl apply a second time: nothing may change.
func (c *Client) ApplyAgain(ctx context.Context, object, had *unstructured.Unstructured) error {
	got, err := c.Apply(ctx, object)
	if err != nil {
		return err
	}
	if got.GetResourceVersion() != had.GetResourceVersion() || !reflect.DeepEqual(got.Object, had.Object) {
		return fmt.Errorf("%s: the second apply changed it: resource version %s, generation %d; before %s, %d",
			name(object), got.GetResourceVersion(), got.GetGeneration(), had.GetResourceVersion(), had.GetGeneration())
	}
	return nil
}

// DryPod lets the server judge a pod of a DaemonSet's or Deployment's template.
// Fields may be added: that is what admission is for.
func (c *Client) DryPod(ctx context.Context, workload *unstructured.Unstructured) error {
	template, found, err := unstructured.NestedMap(workload.Object, "spec", "template")
	if err != nil || !found {
		return errors.Join(fmt.Errorf("%s has no pod template", name(workload)), err)
	}
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetNamespace(workload.GetNamespace())
	pod.SetName(workload.GetName())
	resource, err := c.resource(pod)
	if err != nil {
		return err
	}
	_, err = resource.Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict})
	return c.judge("create", pod, nil, err)
}

// resource returns where the server keeps objects of this kind.
func (c *Client) resource(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name(object), err)
	}
	resource := c.objects.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return resource.Namespace(object.GetNamespace()), nil
	}
	return resource, nil
}

// judge makes one error of all that is wrong with a request. Without an answer
// to compare, got is nil.
func (c *Client) judge(verb string, sent, got *unstructured.Unstructured, err error) error {
	var errs []error
	if err != nil {
		errs = append(errs, fmt.Errorf("%s %s: %w", verb, name(sent), err))
	}
	for _, warning := range c.warnings.take() {
		errs = append(errs, fmt.Errorf("%s %s: the server warns: %s", verb, name(sent), warning))
	}
	if err == nil && got != nil {
		for _, change := range changes("", sent.Object, got.Object) {
			errs = append(errs, fmt.Errorf("%s %s: %s", verb, name(sent), change))
		}
	}
	return errors.Join(errs...)
}

func name(object *unstructured.Unstructured) string {
	return strings.Join([]string{object.GetAPIVersion(), object.GetKind(), object.GetNamespace(), object.GetName()}, " ")
}

// changes tells which fields of what was sent are not there in what came back, or
// have another value. What the server added does not count, but an element that
// it added to a list does.
func changes(path string, sent, got any) []string {
	switch sent := sent.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			break
		}
		var all []string
		for key, value := range sent {
			at := path + "." + key
			if in, ok := got[key]; ok {
				all = append(all, changes(at, value, in)...)
			} else {
				all = append(all, at+" is lost")
			}
		}
		return all
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(sent) {
			break
		}
		var all []string
		for i := range sent {
			all = append(all, changes(fmt.Sprintf("%s[%d]", path, i), sent[i], got[i])...)
		}
		return all
	}
	if reflect.DeepEqual(sent, got) {
		return nil
	}
	return []string{fmt.Sprintf("%s was sent as %v and came back as %v", path, sent, got)}
}

// warnings collects what the server says in Warning headers.
type warnings struct {
	mu    sync.Mutex
	texts []string
}

// HandleWarningHeader is called by the client's transport.
func (w *warnings) HandleWarningHeader(_ int, _ string, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, text)
}

func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.texts
	w.texts = nil
	return taken
}
