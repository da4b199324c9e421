package v1beta1_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/collector/operator/v1beta1"
)

func TestSectionUnmarshal(t *testing.T) {
	for text, want := range map[string]v1beta1.Section{
		`{"a": {"b": [1, 1.5, "c", true, {"d": 9007199254740993}]}}`: {"a": map[string]any{"b": []any{int64(1), 1.5, "c", true, map[string]any{"d": int64(9007199254740993)}}}},
		`{}`:   {},
		`null`: nil,
	} {
		var got v1beta1.Section
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{`[]`, `"a"`, `1`} {
		var got v1beta1.Section
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}

func TestSectionDeepCopy(t *testing.T) {
	from := v1beta1.Section{"a": map[string]any{"b": []any{map[string]any{"c": "d"}}}, "e": nil}
	to := from.DeepCopy()
	if diff := cmp.Diff(from, to); diff != "" {
		t.Fatalf("copy (-want +got):\n%s", diff)
	}
	list := to["a"].(map[string]any)["b"].([]any)
	list[0].(map[string]any)["c"] = "changed"
	if got := from["a"].(map[string]any)["b"].([]any)[0].(map[string]any)["c"]; got != "d" {
		t.Errorf("the copy shares its lists: %v", got)
	}
	if v1beta1.Section(nil).DeepCopy() != nil {
		t.Error("the copy of nothing is something")
	}
}
