package v1beta1

import utiljson "k8s.io/apimachinery/pkg/util/json"

// Section is a part of the configuration whose keys are those of the collector's
// own documentation. The values are those of unstructured Kubernetes objects:
// map[string]any, []any, string, bool, int64 and float64.
type Section map[string]any

// UnmarshalJSON reads whole numbers as int64, of which encoding/json would make
// a float64.
func (s *Section) UnmarshalJSON(text []byte) error {
	var values map[string]any
	if err := utiljson.Unmarshal(text, &values); err != nil {
		return err
	}
	*s = values
	return nil
}

// DeepCopy returns a copy that shares nothing with the section.
func (s Section) DeepCopy() Section {
	if s == nil {
		return nil
	}
	return copyOf(map[string]any(s)).(map[string]any)
}

// copyOf copies maps and lists; everything else is a value.
func copyOf(value any) any {
	switch value := value.(type) {
	case map[string]any:
		entries := make(map[string]any, len(value))
		for key, entry := range value {
			entries[key] = copyOf(entry)
		}
		return entries
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = copyOf(element)
		}
		return list
	}
	return value
}
