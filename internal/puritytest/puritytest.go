// Package puritytest checks that a function is pure: that it leaves its input
// alone, gives equal results for equal inputs, and that what it returns shares
// nothing with its input or with an earlier result.
package puritytest

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything lets cmp see unexported fields too.
var everything = cmp.Exporter(func(reflect.Type) bool { return true })

// Check calls the function with inputs that in makes afresh, changes everything
// that is reachable from the first result, and compares.
func Check[In, Out any](t testing.TB, in func() In, function func(In) Out) {
	t.Helper()
	input := in()
	first := function(input)
	if diff := cmp.Diff(in(), input, everything); diff != "" {
		t.Errorf("the input was changed (-before +after):\n%s", diff)
	}
	second := function(input)
	if diff := cmp.Diff(first, second, everything); diff != "" {
		t.Errorf("two calls differ (-first +second):\n%s", diff)
	}
	untouched := snapshot(t, second)
	Scribble(&first)
	if diff := cmp.Diff(in(), input, everything); diff != "" {
		t.Errorf("the result shares something with the input (-before +after the result was changed):\n%s", diff)
	}
	if diff := cmp.Diff(untouched, snapshot(t, second)); diff != "" {
		t.Errorf("two results share something (-before +after the other was changed):\n%s", diff)
	}
	if diff := cmp.Diff(second, function(in()), everything); diff != "" {
		t.Errorf("the function keeps something of its result (-before +after the result was changed):\n%s", diff)
	}
}

// snapshot returns the exported content of a value as text, which shares
// nothing with it.
func snapshot(t testing.TB, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Errorf("%T has no text form: %v", value, err)
	}
	return string(text)
}

// Scribble changes everything that is reachable from a pointer through exported
// fields, pointers, interfaces, maps and slices.
func Scribble(pointer any) { scribble(reflect.ValueOf(pointer).Elem(), map[uintptr]bool{}) }

func scribble(v reflect.Value, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		scribble(v.Elem(), seen)
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		content := v.Elem()
		scribble(content, seen)
		if v.CanSet() && content.Kind() != reflect.Pointer && content.Kind() != reflect.Map && content.Kind() != reflect.Slice {
			v.SetZero()
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() || v.Type().Field(i).Anonymous {
				scribble(v.Field(i), seen)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i), seen)
		}
		// What is between length and capacity may be shared too.
		if v.Cap() > v.Len() {
			rest := v.Slice3(v.Len(), v.Cap(), v.Cap())
			for i := range rest.Len() {
				scribble(rest.Index(i), seen)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			scribble(v.Index(i), seen)
		}
	case reflect.Map:
		scribbleMap(v, seen)
	default:
		scribbleScalar(v)
	}
}

func scribbleMap(v reflect.Value, seen map[uintptr]bool) {
	if v.IsNil() {
		return
	}
	for _, key := range v.MapKeys() {
		scribble(v.MapIndex(key), seen) // what the entry points to
		v.SetMapIndex(key, reflect.Value{})
	}
	v.SetMapIndex(reflect.Zero(v.Type().Key()), reflect.Zero(v.Type().Elem()))
}

func scribbleScalar(v reflect.Value) {
	if !v.CanSet() {
		return
	}
	switch {
	case v.Kind() == reflect.String:
		v.SetString(v.String() + " scribbled")
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.CanInt():
		v.SetInt(v.Int() ^ 1)
	case v.CanUint():
		v.SetUint(v.Uint() ^ 1)
	case v.CanFloat():
		v.SetFloat(v.Float() + 1)
	}
}
