package setting_test

import (
	"strings"
	"testing"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// resolved is a spec in YAML that has to resolve.
func resolved(t testing.TB, spec string) tracing.Resolved {
	t.Helper()
	loaded, err := tracing.Load([]byte(spec))
	if err != nil {
		t.Fatal(err)
	}
	r, err := tracing.Resolve(loaded)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// of is a spec of a release and nothing else.
func of(t testing.TB, release string) tracing.Resolved {
	t.Helper()
	return resolved(t, "kubernetesVersion: \""+release+"\"")
}

// written are flags ("--name=value") and variables ("NAME=value", or "NAME" where the
// value comes from elsewhere).
func written(texts ...string) []setting.Written {
	var all []setting.Written
	for _, text := range texts {
		name, value, known := strings.Cut(text, "=")
		w := setting.Written{Kind: setting.Variable, Name: name, As: name, Value: value, Elsewhere: !known}
		if flag, ok := strings.CutPrefix(name, "--"); ok {
			w = setting.Written{Kind: setting.Flag, Name: flag, As: flag, Value: value}
		}
		all = append(all, w)
	}
	return all
}

// verdict is what a test asks of one.
type verdict struct {
	class setting.Class
	// becomes is the name that a setting should have, with the value behind = where
	// that is to change, or nothing where it has to go.
	becomes string
}

func short(v setting.Verdict, have string) verdict {
	becomes := v.Name
	if becomes != "" && v.Value != have {
		becomes += "=" + v.Value
	}
	return verdict{v.Class, becomes}
}
