package kubetrace

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// settings are the fields of kubeadm's documents by their path, such as
// "ClusterConfiguration.apiServer.extraArgs.v": flags by name in either form of
// extraArgs, volumes by name, feature gates one by one, other lists by index.
type settings map[string]string

// readSettings reads what kind wrote. It fails where kubeadm would: at a form of
// extraArgs that is not that of the document's version, and at what is there
// twice.
func readSettings(text string) (settings, error) {
	s := settings{}
	seen := map[string]bool{}
	for _, raw := range strings.Split(text, "\n---") {
		var document map[string]any
		if err := yaml.UnmarshalStrict([]byte(raw), &document); err != nil {
			return nil, fmt.Errorf("kind wrote what is no YAML: %w\n%s", err, raw)
		}
		kind, _ := document["kind"].(string)
		if kind == "" || seen[kind] {
			return nil, fmt.Errorf("kind wrote a document of kind %q that is there twice or has none", kind)
		}
		seen[kind] = true
		api, _ := document["apiVersion"].(string)
		if err := s.add(kind, document, api); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s settings) set(at, value string) error {
	if _, there := s[at]; there {
		return fmt.Errorf("%s is there twice", at)
	}
	if strings.HasSuffix(at, ".node-labels") {
		// kind writes the labels of a node in any order.
		labels := strings.Split(value, ",")
		slices.Sort(labels)
		value = strings.Join(labels, ",")
	}
	s[at] = value
	return nil
}

// add adds a value and all that is in it.
func (s settings) add(at string, value any, api string) error {
	_, field, _ := cutLast(at)
	switch value := value.(type) {
	case map[string]any:
		if field == "extraArgs" || field == "kubeletExtraArgs" {
			return s.addArgs(at, value, api)
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if err := s.add(at+"."+name, value[name], api); err != nil {
				return err
			}
		}
		return nil
	case []any:
		switch field {
		case "extraArgs", "kubeletExtraArgs":
			return s.addArgs(at, value, api)
		case "extraVolumes":
			return s.addNamed(at, value, func(at string, volume map[string]any) error { return s.add(at, volume, api) })
		}
		for i, element := range value {
			if err := s.add(fmt.Sprintf("%s[%d]", at, i), element, api); err != nil {
				return err
			}
		}
		return nil
	case string:
		return s.set(at, value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.set(at, string(text))
}

func (s settings) addArgs(at string, args any, api string) error {
	list, isList := args.([]any)
	if v1beta4 := strings.HasSuffix(api, "/v1beta4"); isList != v1beta4 {
		return fmt.Errorf("%s is a list in %s: %t, and has to be one: %t", at, api, isList, v1beta4)
	}
	if isList {
		return s.addNamed(at, list, func(at string, arg map[string]any) error {
			value, ok := arg["value"].(string)
			if !ok {
				return fmt.Errorf("%s is no text: %v", at, arg["value"])
			}
			return s.addArg(at, value)
		})
	}
	for name, value := range args.(map[string]any) {
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("%s.%s is no text: %v", at, name, value)
		}
		if err := s.addArg(at+"."+name, text); err != nil {
			return err
		}
	}
	return nil
}

// addArg adds a flag. Of feature gates, the last one of a name counts.
func (s settings) addArg(at, value string) error {
	if _, flag, _ := cutLast(at); flag != "feature-gates" {
		return s.set(at, value)
	}
	if err := s.set(at, "gates"); err != nil {
		return err
	}
	for gate := range strings.SplitSeq(value, ",") {
		name, on, _ := strings.Cut(gate, "=")
		s[at+"."+name] = on
	}
	return nil
}

// addNamed adds the elements of a list by their names.
func (s settings) addNamed(at string, list []any, add func(at string, element map[string]any) error) error {
	names := map[string]bool{}
	for _, value := range list {
		element, _ := value.(map[string]any)
		name, _ := element["name"].(string)
		if name == "" || names[name] {
			return fmt.Errorf("%s has an element without a name, or twice: %v", at, value)
		}
		names[name] = true
		if err := add(at+"."+name, element); err != nil {
			return err
		}
	}
	return nil
}

// cutLast cuts a path before its last field.
func cutLast(at string) (before, last string, found bool) {
	i := strings.LastIndex(at, ".")
	if i < 0 {
		return "", at, false
	}
	return at[:i], at[i+1:], true
}
