package kubetrace

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
)

// ChangedError says that a [Bundle] does not hold any more what its spec decides.
type ChangedError struct {
	// Field is the path in the Bundle, "TracingConfiguration.endpoint".
	Field string
	// Is is what the bundle holds, and Want what the spec decides. Empty means that
	// there is none.
	Is, Want string
}

// Error names the field and both values, and says what to do.
func (e *ChangedError) Error() string {
	var what string
	switch {
	case e.Want == "":
		what = "is set, and the spec leaves it out"
	case e.Is == "":
		what = "is gone, and the spec asks for it"
	default:
		what = fmt.Sprintf("is %s, and the spec makes it %s", e.Is, e.Want)
	}
	return fmt.Sprintf("Bundle.%s %s: change the spec and generate again", e.Field, what)
}

// checkSpec returns a *ChangedError for each field that does not hold what the
// spec decides. What a program has added is its own.
func (b *Bundle) checkSpec() error {
	decided, err := GenerateFor(b.resolved)
	if err != nil {
		return err
	}
	c := changes{}
	want, got := reflect.ValueOf(decided).Elem(), reflect.ValueOf(b).Elem()
	for i := range want.NumField() {
		switch name := want.Type().Field(i).Name; name {
		case "Warnings", "resolved":
		case "EtcdArgs", "APIServerArgs": // stand in other forms too, so nothing is added to them
			c.compare(name, want.Field(i), got.Field(i))
			c.added(name, want.Field(i), got.Field(i))
		default:
			if empty(want.Field(i)) && !empty(got.Field(i)) {
				c.add(name, got.Field(i), want.Field(i))
				continue
			}
			c.compare(name, want.Field(i), got.Field(i))
		}
	}
	return errors.Join(c.errs...)
}

// checkKubeadm refuses additions to the patch that would be in no file, or that
// kubeadm refuses.
func (b *Bundle) checkKubeadm() error {
	var errs []error
	for _, file := range b.Kubeadm.Files {
		if file.Path != b.resolved.Spec().APIServer.ConfigFile {
			errs = append(errs, fmt.Errorf("Bundle.Kubeadm.Files: %s would be in none of the bundle's files: put it on the nodes yourself, and leave it out here", file.Path))
		}
	}
	if b.resolved.Spec().Etcd.External && !reflect.ValueOf(b.Kubeadm.Etcd).IsZero() {
		errs = append(errs, errors.New("Bundle.Kubeadm.Etcd: kubeadm does not run this etcd (etcd.external), and refuses settings for it: give them to the etcd yourself"))
	}
	return errors.Join(errs...)
}

// changes collects what differs from what the spec decides.
type changes struct{ errs []error }

func (c *changes) add(path string, is, want reflect.Value) {
	c.errs = append(c.errs, &ChangedError{Field: path, Is: text(is), Want: text(want)})
}

// added refuses elements that a list has beside those that the spec decides.
func (c *changes) added(path string, want, got reflect.Value) {
	for i := range got.Len() {
		name := nameOf(got.Index(i))
		if is := func(element any) bool { return nameOf(reflect.ValueOf(element)) == name }; !slices.ContainsFunc(elements(want), is) {
			c.add(fmt.Sprintf("%s[%s]", path, name), got.Index(i), reflect.Value{})
		}
	}
}

func elements(list reflect.Value) []any {
	all := make([]any, list.Len())
	for i := range all {
		all[i] = list.Index(i).Interface()
	}
	return all
}

// compare walks through what the spec decides. A field that it leaves empty is for
// the program to set, as are more elements of a list or map.
func (c *changes) compare(path string, want, got reflect.Value) {
	switch want.Kind() {
	case reflect.Pointer, reflect.Interface:
		switch {
		case want.IsNil():
		case got.IsNil() || got.Elem().Type() != want.Elem().Type():
			c.add(path, got, want)
		default: // what a pointer points to is decided even where it is zero
			c.compare(path, want.Elem(), got.Elem())
		}
	case reflect.Struct:
		if arg, ok := want.Interface().(kubeadm.Arg); ok && arg.Name == setting.FlagGates {
			c.gates(path, arg, got.Interface().(kubeadm.Arg))
			return
		}
		if _, leaf := want.Interface().(json.Marshaler); leaf {
			if text(want) != text(got) { // quantities and the like, which are short
				c.add(path, got, want)
			}
			return
		}
		for i := range want.NumField() {
			if field := want.Type().Field(i); field.IsExported() && !want.Field(i).IsZero() {
				c.compare(path+suffix(field), want.Field(i), got.Field(i))
			}
		}
	case reflect.Map:
		for _, key := range sortedKeys(want) {
			at := fmt.Sprintf("%s[%v]", path, key)
			if value := got.MapIndex(key); value.IsValid() {
				c.compare(at, want.MapIndex(key), value)
			} else {
				c.add(at, value, want.MapIndex(key))
			}
		}
	case reflect.Slice:
		for i := range want.Len() {
			c.element(path, want.Index(i), got)
		}
	case reflect.String:
		if is, should := setting.FirstDifference(got.String(), want.String()); !want.Equal(got) {
			c.add(path, reflect.ValueOf(is), reflect.ValueOf(should))
		}
	default:
		if !want.Equal(got) {
			c.add(path, got, want)
		}
	}
}

// element looks for an element of a list: the one of its name or, of those without
// a name, an equal one.
func (c *changes) element(path string, want, list reflect.Value) {
	name := nameOf(want)
	at, found := fmt.Sprintf("%s[%s]", path, name), false
	for i := range list.Len() {
		got := list.Index(i)
		switch {
		case name == "":
			found = found || reflect.DeepEqual(want.Interface(), got.Interface())
		case nameOf(got) == name:
			found = true
			c.compare(at, want, got)
		}
	}
	if !found {
		c.add(at, reflect.Value{}, want)
	}
}

// gates compares gate by gate, since programs put theirs into the same flag.
func (c *changes) gates(path string, want, got kubeadm.Arg) {
	wanted, _ := setting.ParseGates(want.Value) // ours
	there, _ := setting.ParseGates(got.Value)   // what is wrong with it, checkSettings says
	for _, gate := range wanted {
		if !slices.Contains(there, gate) {
			c.errs = append(c.errs, &ChangedError{Field: path + "." + gate.Name, Want: gate.String(), Is: fmt.Sprintf("%q", got.Value)})
		}
	}
}

// suffix is how a field is written behind the path of its struct.
func suffix(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	switch {
	case name != "":
		return "." + name
	case field.Anonymous:
		return ""
	}
	return "." + field.Name
}

// nameOf returns what an element of a list is known by, or nothing.
func nameOf(v reflect.Value) string {
	if object, ok := v.Interface().(runtime.Object); ok && !v.Elem().IsZero() {
		if accessor, err := meta.Accessor(object); err == nil {
			return strings.ReplaceAll(object.GetObjectKind().GroupVersionKind().Kind+" "+accessor.GetNamespace()+"/"+accessor.GetName(), " /", " ")
		}
	}
	if v.Kind() == reflect.Struct {
		for _, name := range []string{"Name", "Path"} {
			if field := v.FieldByName(name); field.Kind() == reflect.String {
				return field.String()
			}
		}
	}
	return ""
}

func sortedKeys(m reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(m.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
}

// empty says whether a field of the bundle holds nothing.
func empty(v reflect.Value) bool { return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 }

// text is the beginning of a value, as JSON, or nothing where there is none.
func text(v reflect.Value) string {
	const enough = 200
	if !v.IsValid() || empty(v) && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface || v.Kind() == reflect.Slice) {
		return ""
	}
	content, err := json.Marshal(v.Interface())
	switch {
	case err != nil:
		return v.Type().String()
	case len(content) > enough:
		return strings.ToValidUTF8(string(content[:enough]), "") + "…"
	}
	return string(content)
}
