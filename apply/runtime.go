package apply

import (
	"errors"
	"fmt"
	"slices"

	"kubetrace/containerd"
	"kubetrace/internal/setting"
	"kubetrace/internal/tomledit"
	"kubetrace/internal/unitedit"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// RuntimeFile is a file of a container runtime on a node.
type RuntimeFile string

// The files of container runtimes that can be edited.
const (
	// ContainerdService is a drop-in of containerd's systemd service, or the unit
	// itself: /etc/systemd/system/containerd.service.d/*.conf.
	ContainerdService RuntimeFile = "containerd.service"
	// ContainerdConfig is containerd's configuration, /etc/containerd/config.toml.
	ContainerdConfig RuntimeFile = "config.toml"
	// ContainerdImport is a file that config.toml imports, such as
	// /etc/containerd/conf.d/tracing.toml. It needs no version.
	ContainerdImport RuntimeFile = "imported file"
	// CRIOConfig is CRI-O's configuration, /etc/crio/crio.conf or a file in
	// /etc/crio/crio.conf.d.
	CRIOConfig RuntimeFile = "crio.conf"
)

// component is whose file it is.
func (f RuntimeFile) component() tracing.Component {
	if f == CRIOConfig {
		return tracing.ComponentCRIO
	}
	return tracing.ComponentContainerd
}

// Runtime adds what the spec asks of a container runtime to one of its files, which may
// be empty. Every byte outside of the edits stays, and doing it twice changes nothing.
//
//   - ContainerdService gets the variables, behind those that are there. One of them in
//     UnsetEnvironment is a conflict.
//   - ContainerdConfig and ContainerdImport get the tables, where containerd reads them.
//     Where it goes by variables nothing is added, and Result.Untraced says so. Where it
//     goes by these alone, values in the tables are taken out, which it passes over; so
//     for a containerd that is upgraded from 1.7 to 2. Releases from 1.7.19 on take from
//     the tables what no variable says: there values that contradict the spec are
//     conflicts. What containerd config default prints of them stays. A plugin of tracing
//     in disabled_plugins is a conflict. A file of version 1, in which containerd knows
//     the tables by other names, is an error, and so is one of a version that the release
//     does not know.
//   - CRIOConfig gets the table crio.tracing.
//
// "1.7" in the spec, without its patch, may go by either form: for it edit the service
// and the configuration. Result.Untraced says of each that the other is needed too.
//
// What other files say is not looked at, and may win: Result.Unread names imports and
// EnvironmentFile. It names HTTPS_PROXY too where the endpoint is not on the node and
// NO_PROXY does not have its host: containerd's spans go through that proxy. The runtime
// has to be restarted to read the file, after systemctl daemon-reload where that is one
// of systemd.
//
// The error is a *tracing.InvalidSpecError; a *tracing.NotGeneratedError where the spec
// names no such runtime, or for a ContainerdService whose release reads no variables; a
// *[SyntaxError]; or joins a *[ConflictError] for each value that contradicts the spec
// and a *[DocumentError] for anything else, such as a table in a form that cannot be
// edited in place. That says what to write.
func Runtime(spec tracing.TracingSpec, file RuntimeFile, text []byte, o Options) (Result, error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return Result{}, err
	}
	return RuntimeFor(r, file, text, o)
}

// RuntimeFor is Runtime of a spec that is resolved already.
func RuntimeFor(r tracing.Resolved, file RuntimeFile, text []byte, o Options) (Result, error) {
	result, _, err := editRuntime(r, file, text, o, false)
	return result, err
}

// RemoveRuntime takes out of a container runtime's file what [Runtime] adds: settings
// that have the very values of the spec, whoever wrote them. What else there is of
// tracing is in Removed.Left. The error is that of Runtime, without conflicts.
func RemoveRuntime(spec tracing.TracingSpec, file RuntimeFile, text []byte) (Removed, error) {
	r, err := tracing.Resolve(spec)
	if err != nil {
		return Removed{}, err
	}
	return RemoveRuntimeFor(r, file, text)
}

// RemoveRuntimeFor is RemoveRuntime of a spec that is resolved already.
func RemoveRuntimeFor(r tracing.Resolved, file RuntimeFile, text []byte) (Removed, error) {
	result, left, err := editRuntime(r, file, text, Options{}, true)
	return Removed{Text: result.Text, Receipt: result.Receipt, Left: left}, err
}

func editRuntime(r tracing.Resolved, file RuntimeFile, text []byte, o Options, remove bool) (Result, []Setting, error) {
	if not := r.NotGenerated(file.component()); not != nil {
		return Result{}, nil, not
	}
	e := runtimeEdit{resolved: r, file: file, overwrite: o.Overwrite, remove: remove}
	e.result.Untraced = containerdElsewhere(r, file)
	switch file {
	case ContainerdService:
		if containerd.ServiceDropInFor(r) == nil {
			_, err := containerd.ServiceDropIn(r.Spec())
			return Result{}, nil, err
		}
		return e.unit(text)
	case ContainerdConfig, ContainerdImport, CRIOConfig:
		return e.toml(text)
	}
	return Result{}, nil, &DocumentError{Document: string(file), Message: fmt.Sprintf("this is no file of a container runtime: write %q, %q, %q or %q", ContainerdService, ContainerdConfig, ContainerdImport, CRIOConfig)}
}

// runtimeEdit edits one file.
type runtimeEdit struct {
	resolved          tracing.Resolved
	file              RuntimeFile
	overwrite, remove bool

	result Result
	left   []Setting
	errs   []error
}

// settle says whether what is there has to go or change, and notes what it was. Where
// it contradicts the spec and may not be overwritten, that is an error.
func (e *runtimeEdit) settle(line int, name, have string, v setting.Verdict, void bool) bool {
	s := Setting{Line: line, Document: string(e.file), Name: name, Old: have, New: v.Value}
	switch {
	case e.remove:
		e.left = append(e.left, Setting{Line: line, Document: s.Document, Name: name, Old: have})
		return false
	case void || e.overwrite:
		e.result.Replaced = append(e.result.Replaced, s)
		return true
	}
	want := v.Value
	if want == "" {
		want = "nothing"
	}
	e.errs = append(e.errs, &ConflictError{Line: line, Document: s.Document, Setting: name, Have: have, Want: want, Message: v.Cure})
	return false
}

// done is the result of an edit.
func (e *runtimeEdit) done(text []byte, edits []yamledit.Edit, err error) (Result, []Setting, error) {
	if err != nil {
		return Result{}, nil, err
	}
	e.result.Text = text
	for _, edit := range edits {
		e.result.Receipt.Edits = append(e.result.Receipt.Edits, newEdit(string(text), edit))
	}
	return e.result, e.left, nil
}

// toml edits a file of TOML.
func (e *runtimeEdit) toml(text []byte) (Result, []Setting, error) {
	parsed, err := tomledit.Parse(text)
	if err != nil {
		var syntax *tomledit.SyntaxError
		if errors.As(err, &syntax) {
			err = &SyntaxError{Line: syntax.Line, Column: 1, Message: syntax.Message}
		}
		return Result{}, nil, err
	}
	given := setting.ReadTOML(parsed.Tree(), e.file.component())
	var set []tomledit.Value
	var without [][]string
	line := func(w setting.Written) int { return parsed.Line(setting.TOMLPath(w.As)...) }

	version, _ := parsed.Tree()["version"].(int64)
	wanted := setting.Of(e.resolved, e.file.component())
	wanted = slices.DeleteFunc(wanted, func(s setting.Setting) bool { return s.Kind != setting.Field })
	if e.file != CRIOConfig {
		if imports, ok := parsed.Tree()["imports"]; ok && !isEmpty(imports) {
			e.result.Unread = append(e.result.Unread, Setting{Line: parsed.Line("imports"), Document: string(e.file), Name: "imports", Old: fmt.Sprint(imports)})
		}
		if !e.remove {
			if message := e.versionProblem(parsed.Tree(), version, len(wanted) > 0); message != "" {
				return Result{}, nil, &DocumentError{Line: parsed.Line("version"), Document: string(e.file), Setting: "version", Value: fmt.Sprint(max(version, 1)), Message: message}
			}
			if e.file == ContainerdConfig && len(wanted) > 0 && len(parsed.Tree()) == 0 {
				set = append(set, tomledit.Value{Path: []string{"version"}, Value: int64(2)})
			}
		}
		if list, enabled := e.enabled(parsed); enabled && len(list) > 0 {
			set = append(set, tomledit.Value{Path: []string{setting.DisabledPlugins}, Value: list})
		} else if enabled {
			without = append(without, []string{setting.DisabledPlugins})
		}
	}
	verdicts := e.judge(given)
	fresh := e.file != CRIOConfig && !slices.ContainsFunc(given, func(w setting.Written) bool { return w.As == setting.ContainerdEndpoint && w.Value != "" })
	for _, v := range verdicts {
		var s setting.Setting
		if at := slices.IndexFunc(wanted, func(s setting.Setting) bool { return s.Name == v.Name }); at >= 0 {
			s = wanted[at]
		}
		value := tomledit.Value{Path: setting.TOMLPath(s.Key), Value: setting.TOMLValue(s)}
		switch {
		case v.Class == setting.Same && e.remove:
			without = append(without, value.Path)
		case v.Class == setting.Same, v.At < 0 && e.remove:
		case v.At < 0:
			set = append(set, value)
		case v.Name == "": // it has to go
			if w := given[v.At]; e.settle(line(w), w.Name, w.Value, v, v.Class == setting.Void) {
				without = append(without, setting.TOMLPath(w.As))
			}
		// Where there is no endpoint the others are what containerd prints by itself.
		case e.settle(line(given[v.At]), v.Name, given[v.At].Value, v, fresh):
			set = append(set, value)
		}
	}
	if len(e.errs) > 0 {
		return Result{}, nil, errors.Join(e.errs...)
	}
	changed, edits, err := parsed.Change(set, without)
	if err != nil {
		var place *tomledit.PlaceError
		if errors.As(err, &place) {
			err = &DocumentError{Line: place.Line, Document: string(e.file), Message: place.Message}
		}
		return Result{}, nil, err
	}
	var all []yamledit.Edit
	for _, edit := range edits {
		all = append(all, yamledit.Edit(edit))
	}
	return e.done(changed, all, nil)
}

// isEmpty says whether a value is an empty list.
func isEmpty(value any) bool {
	list, ok := value.([]any)
	return ok && len(list) == 0
}

// judge judges what a file of TOML says of tracing.
func (e *runtimeEdit) judge(given []setting.Written) []setting.Verdict {
	switch {
	case e.file == CRIOConfig:
		return setting.JudgeCRIO(e.resolved, given)
	case e.resolved.ContainerdTOML():
		return setting.JudgeContainerdTOML(e.resolved, given)
	}
	return containerdBeside(e.resolved, given)
}

// versionProblem says why containerd does not take what the file has for what it is to
// have, by its version, or nothing. wanted says that tables are to be written.
func (e *runtimeEdit) versionProblem(tree map[string]any, version int64, wanted bool) string {
	if problem := containerdConfigProblem(e.resolved, version); problem != "" {
		return problem
	}
	noVersion := version == 0 && (e.file == ContainerdImport || len(tree) == 0)
	if wanted && version < 2 && !noVersion {
		return setting.OldConfig
	}
	return ""
}

// unit edits a systemd unit.
func (e *runtimeEdit) unit(text []byte) (Result, []Setting, error) {
	parsed, err := unitedit.Parse(text)
	if err != nil {
		return Result{}, nil, &DocumentError{Document: string(e.file), Message: err.Error()}
	}
	for _, file := range parsed.Files() {
		e.result.Unread = append(e.result.Unread, Setting{Line: file.Line, Document: string(e.file), Name: file.Name, Old: file.Value})
	}
	variables := parsed.Variables()
	for _, v := range variables {
		if v.Unclear != "" && decidesOnTracing(v.Name) {
			e.errs = append(e.errs, &DocumentError{Line: v.Line, Document: string(e.file), Setting: v.Name, Value: v.Value, Message: v.Unclear})
		}
	}
	given := make([]setting.Written, len(variables))
	for i, v := range variables {
		given[i] = setting.Written{Kind: setting.Variable, Name: v.Name, As: v.Name, Value: v.Value}
		if v.Unset {
			given[i].Name, given[i].As, given[i].Value = setting.UnsetEnvironment, setting.UnsetEnvironment, v.Name
			if v.Exact {
				given[i].Value += "=" + v.Value
			}
		}
	}
	if at := proxy(e.resolved, given); at >= 0 {
		e.result.Unread = append(e.result.Unread, Setting{Line: variables[at].Line, Document: string(e.file), Name: given[at].Name, Old: given[at].Value})
	}
	var without []int
	var add []string
	for _, v := range setting.JudgeContainerdVariables(e.resolved, given) {
		switch {
		case v.Class == setting.Same && e.remove:
			without = append(without, v.At)
		case v.Settled(), v.At < 0 && e.remove:
		case v.At < 0:
			add = append(add, unitedit.Assignment(v.Name, v.Value))
		case e.settle(variables[v.At].Line, given[v.At].Name, given[v.At].Value, v, false):
			// One that cannot go stays: the last of a name holds.
			if v.Name == "" || variables[v.At].CanGo() {
				without = append(without, v.At)
			}
			if v.Name != "" {
				add = append(add, unitedit.Assignment(v.Name, v.Value))
			}
		}
	}
	if len(e.errs) > 0 {
		return Result{}, nil, errors.Join(e.errs...)
	}
	changed, edits, err := parsed.Change(without, add)
	if err != nil {
		return Result{}, nil, &DocumentError{Document: string(e.file), Message: err.Error()}
	}
	var all []yamledit.Edit
	for _, edit := range edits {
		all = append(all, yamledit.Edit(edit))
	}
	return e.done(changed, all, nil)
}
