package edit

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/internal/yamledit"
)

// FieldErrors returns problems as errors of fields, for documents that people give as
// what they are and not as text.
func FieldErrors(problems []Problem) field.ErrorList {
	var all field.ErrorList
	for _, p := range problems {
		all = append(all, fieldError(p))
	}
	return all
}

// fieldError is a problem as an error of a field of a typed object.
func fieldError(p Problem) *field.Error {
	path := FieldPath(p.Path)
	if len(p.Path) == 0 {
		path = field.NewPath(p.Setting)
	}
	message := p.Message
	if p.Conflict {
		message = p.Setting + " is " + p.Value + " and the spec says " + p.Want + ": "
		switch {
		case p.Adopt != "":
			message += "take it out, or write " + p.Adopt + " into the spec"
		case p.Message != "":
			message += p.Message
		default:
			message += "take it out, or change the spec"
		}
	} else if p.Setting != "" && p.Setting != yamledit.Name(p.Path) && len(p.Path) > 0 {
		message = p.Setting + " " + p.Value + ": " + message
	}
	if p.Value == "" && p.Setting != "" && !p.Conflict && (p.Setting == SettingHostDir || len(p.Path) > 0 && p.Path[len(p.Path)-1] == "image") {
		return field.Required(path, message)
	}
	return field.Invalid(path, p.Value, message)
}

// FieldPath is a path in a typed object as field errors have it.
func FieldPath(steps []any) *field.Path {
	var path *field.Path
	for i, step := range steps {
		switch step := step.(type) {
		case int:
			path = path.Index(step)
		case string:
			if i > 0 && (steps[i-1] == "featureGates" || steps[i-1] == "extraArgs" || steps[i-1] == "kubeletExtraArgs") {
				path = path.Key(step) // of a map, which people name
				continue
			}
			path = path.Child(step)
		}
	}
	return path
}
