package tracing

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
)

// filledSpec returns a spec in which no field of any depth is empty.
func filledSpec() TracingSpec {
	var spec TracingSpec
	fill(reflect.ValueOf(&spec).Elem())
	return spec
}

func fill(v reflect.Value) {
	if v.Type() == reflect.TypeFor[resource.Quantity]() {
		v.Set(reflect.ValueOf(resource.MustParse("100Mi")))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	default:
		panic(fmt.Sprintf("fill %s: add its kind", v.Type()))
	}
}

// sharedMemory returns the paths of the pointers, maps and slices that two
// values have in common.
func sharedMemory(a, b any) []string {
	seen := map[uintptr]bool{}
	walkMemory(reflect.ValueOf(a).Elem(), "", func(_ string, p uintptr) { seen[p] = true })
	var shared []string
	walkMemory(reflect.ValueOf(b).Elem(), "", func(path string, p uintptr) {
		if seen[p] {
			shared = append(shared, path)
		}
	})
	return shared
}

func walkMemory(v reflect.Value, path string, visit func(path string, p uintptr)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		// Empty slices may have the same address and share nothing.
		if v.IsNil() || v.Kind() == reflect.Slice && v.Cap() == 0 {
			return
		}
		visit(path, v.Pointer())
	}
	switch v.Kind() {
	case reflect.Pointer:
		walkMemory(v.Elem(), path, visit)
	case reflect.Slice:
		for i := range v.Len() {
			walkMemory(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			walkMemory(v.MapIndex(key), fmt.Sprintf("%s[%v]", path, key), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walkMemory(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	}
}

func TestDeepCopy(t *testing.T) {
	spec := filledSpec()
	var into TracingSpec
	spec.DeepCopyInto(&into)
	for name, copied := range map[string]*TracingSpec{"DeepCopy": spec.DeepCopy(), "DeepCopyInto": &into} {
		if diff := cmp.Diff(spec, *copied); diff != "" {
			t.Errorf("%s differs (-original +copy):\n%s", name, diff)
		}
		if shared := sharedMemory(&spec, copied); len(shared) > 0 {
			t.Errorf("%s shares %v with the original", name, shared)
		}
	}
	if (*TracingSpec)(nil).DeepCopy() != nil {
		t.Error("the copy of nil is not nil")
	}
}

// Other APIs may embed a part of the spec, so each part has a DeepCopy.
func TestDeepCopyOfEachPart(t *testing.T) {
	for _, part := range specTypes(reflect.TypeFor[TracingSpec](), nil) {
		original := reflect.New(part)
		fill(original.Elem())
		deepCopy := original.MethodByName("DeepCopy")
		if !deepCopy.IsValid() {
			t.Errorf("%s has no DeepCopy", part)
			continue
		}
		copied := deepCopy.Call(nil)[0]
		if diff := cmp.Diff(original.Interface(), copied.Interface()); diff != "" {
			t.Errorf("DeepCopy of %s differs (-original +copy):\n%s", part, diff)
		}
		if shared := sharedMemory(original.Interface(), copied.Interface()); len(shared) > 0 {
			t.Errorf("DeepCopy of %s shares %v with the original", part, shared)
		}
	}
}

func TestTags(t *testing.T) {
	required := map[string]bool{"TracingSpec.KubernetesVersion": true, "HeaderSpec.Name": true}
	for _, of := range specTypes(reflect.TypeFor[TracingSpec](), nil) {
		for i := range of.NumField() {
			f := of.Field(i)
			name := of.Name() + "." + f.Name
			json, yaml := f.Tag.Get("json"), f.Tag.Get("yaml")
			key, options, _ := strings.Cut(json, ",")
			if json != yaml || key == "" {
				t.Errorf("%s has the tags json:%q and yaml:%q", name, json, yaml)
			}
			if !strings.EqualFold(key, f.Name) {
				t.Errorf("%s is called %q", name, key)
			}
			if want := !required[name]; (options == "omitempty") != want {
				t.Errorf("%s has the options %q, omitempty wanted: %t", name, options, want)
			}
		}
	}
}

// specTypes returns the struct types of this package that a type is made of.
func specTypes(t reflect.Type, found []reflect.Type) []reflect.Type {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return specTypes(t.Elem(), found)
	case reflect.Struct:
		if t.PkgPath() != reflect.TypeFor[TracingSpec]().PkgPath() {
			return found
		}
		found = append(found, t)
		for i := range t.NumField() {
			found = specTypes(t.Field(i).Type, found)
		}
	}
	return found
}
