package setting

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kubetrace/tracing"
)

// The flags of etcd's tracing, in the spelling of 3.6 and later. Up to 3.5 they begin
// with etcdExperimental, which 3.6 takes too and 3.7 does not.
// Source: go.etcd.io/etcd/server/v3 embed/config.go and etcdmain/config.go
// (v3.5.11:279, v3.6.0, v3.7.0).
const (
	etcdExperimental = "experimental-"

	etcdEnable     = "enable-distributed-tracing"
	etcdAddress    = "distributed-tracing-address"
	etcdService    = "distributed-tracing-service-name"
	etcdInstanceID = "distributed-tracing-instance-id"
	etcdRate       = "distributed-tracing-sampling-rate"
)

// etcdFlags are all of them.
var etcdFlags = []string{etcdEnable, etcdAddress, etcdService, etcdInstanceID, etcdRate}

// ofEtcdTracing is whatever somebody has taken for one of them.
var ofEtcdTracing = regexp.MustCompile(`^(experimental-)?((?:enable-)?distributed-tracing.*)$`)

// etcdConfigFile is the flag that makes etcd pass over all its others.
// Source: go.etcd.io/etcd/server/v3 etcdmain/config.go (v3.7.0:111).
const etcdConfigFile = "config-file"

// etcdPrefix begins the variables that etcd reads as flags.
const etcdPrefix = "ETCD_"

// EtcdVariable returns the variable that stands for a flag of etcd.
// Source: go.etcd.io/etcd/pkg/v3 flags/flag.go, FlagToEnv.
func EtcdVariable(flag string) string {
	return etcdPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// etcdFlagOf returns the flag that a variable stands for.
func etcdFlagOf(variable string) (flag string, ok bool) {
	flag = strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, etcdPrefix)), "_", "-")
	return flag, EtcdVariable(flag) == variable
}

// EtcdKey returns the key of a flag or variable of etcd's tracing, in any spelling. ok
// is false where it is none.
func EtcdKey(w Written) (key string, ok bool) {
	_, key, ok = etcdSpelling(w)
	return key, ok
}

func etcdSpelling(w Written) (prefix, key string, ok bool) {
	name := w.Name
	if w.Kind == Variable {
		if name, ok = etcdFlagOf(name); !ok {
			return "", "", false
		}
	}
	match := ofEtcdTracing.FindStringSubmatch(name)
	if match == nil {
		return "", "", false
	}
	return match[1], match[2], true
}

// EtcdFieldValue returns the value of a setting as etcd's configuration file has it: a
// truth value, a number or a text.
func EtcdFieldValue(s Setting) any {
	switch s.Key {
	case etcdEnable:
		return true
	case etcdRate:
		n, _ := strconv.Atoi(s.Value) // Of has written it
		return n
	}
	return s.Value
}

// Etcd is the etcd that reads settings, or several of which it is one.
type Etcd struct {
	// release holds what is true of all of them.
	release tracing.EtcdRelease
	// lowest and highest are the oldest and the newest, as versions or tags.
	lowest, highest string
}

// EtcdOf is the etcd of a spec: the one that it names, or those that kubeadm chooses
// from.
func EtcdOf(r tracing.Resolved) Etcd {
	lowest, highest := r.EtcdRange()
	release := r.EtcdRelease()
	if r.Spec().Etcd.Disabled { // then nobody has asked which it is
		newest, _ := tracing.EtcdReleaseOf(highest)
		release, _ = tracing.EtcdReleaseOf(lowest)
		release.SamplingRateFlag = release.SamplingRateFlag && newest.SamplingRateFlag
	}
	return Etcd{release, lowest, highest}
}

// EtcdAt is the etcd whose image has a tag. known is false where the tag names no
// version; it is then taken for that of the spec.
func EtcdAt(r tracing.Resolved, tag string) (e Etcd, known bool) {
	release, known := tracing.EtcdReleaseOf(tag)
	if !known {
		return EtcdOf(r), false
	}
	return Etcd{release, tag, tag}, true
}

// TakesRate says whether every one of them has a flag for the sampling rate.
func (e Etcd) TakesRate() bool { return e.release.SamplingRateFlag }

// Traced says whether every one of them can be traced without harm.
func (e Etcd) Traced() bool { return e.release.Traced }

// String names it for people.
func (e Etcd) String() string {
	if e.lowest == e.highest {
		return "etcd " + e.lowest
	}
	return "etcd " + e.lowest + " to " + e.highest
}

// takes says whether every one of them has a flag, and whether one does.
func (e Etcd) takes(flag string) (all, some bool) {
	oldest, _ := tracing.EtcdAccepts(e.lowest, flag)
	newest, _ := tracing.EtcdAccepts(e.highest, flag)
	return oldest && newest, oldest || newest
}

// Takes says whether every one of them has a flag.
func (e Etcd) Takes(flag string) bool { all, _ := e.takes(flag); return all }

// TakesAllOf says whether every flag of a spec is right for this etcd as it is written.
func (e Etcd) TakesAllOf(r tracing.Resolved) bool {
	return e.release.FlagPrefix == r.EtcdRelease().FlagPrefix && !slices.ContainsFunc(Of(r, tracing.ComponentEtcd), func(s Setting) bool { return !e.Takes(s.Name) })
}

// wanted are the flags of a spec in the spelling of this etcd, but for the rate where
// it has none.
func (e Etcd) wanted(r tracing.Resolved) []Setting {
	if r.NotGenerated(tracing.ComponentEtcd) != nil {
		return nil
	}
	spec := r.Spec().Etcd
	var all []Setting
	add := func(key, value string) { all = append(all, Setting{Flag, key, e.release.FlagPrefix + key, value}) }
	add(etcdEnable, "true")
	add(etcdAddress, r.ComponentEndpoint())
	add(etcdService, spec.ServiceName)
	if spec.InstanceID != "" {
		add(etcdInstanceID, spec.InstanceID)
	}
	if rate, ok := r.EtcdSamplingRate(); ok && e.TakesRate() {
		add(etcdRate, decimal(rate))
	}
	return all
}

// JudgeEtcd judges the flags and variables that an etcd is given. Those that are not of
// tracing get no verdict, but for what makes etcd pass over the others. What the spec
// wants and nobody wrote is missing, as a flag.
//
// Source: go.etcd.io/etcd/pkg/v3 flags/flag.go, SetFlagsFromEnv, which ends etcd where
// a setting is a flag and a variable, and passes over variables that it does not know.
func JudgeEtcd(r tracing.Resolved, e Etcd, given []Written) []Verdict {
	if at := slices.IndexFunc(given, isEtcdFile); at >= 0 {
		return []Verdict{{At: at, Class: Void, Cure: "Write what etcd.ConfigFile returns into the file, or take this out: with it etcd passes over all its other flags and variables"}}
	}
	j := etcdJudge{r, e, given, map[string]Setting{}, JudgeVariables(given)}
	wanted := e.wanted(r)
	for _, s := range wanted {
		j.wanted[s.Key] = s
	}
	seen := map[string]bool{} // keys that take effect, or will once they are spelt right
	for at, w := range given {
		prefix, key, ok := etcdSpelling(w)
		if !ok {
			continue
		}
		v := j.judge(at, prefix, key)
		seen[key] = seen[key] || v.Name != ""
		j.all = append(j.all, v)
	}
	for _, s := range wanted {
		if !seen[s.Key] {
			j.all = append(j.all, Verdict{At: -1, Class: Missing, Name: s.Name, Value: s.Value,
				Default: s.Key == etcdService && s.Value == tracing.DefaultEtcdServiceName, Cure: etcdMissing(s)})
		}
	}
	return j.all
}

// isEtcdFile says whether a flag or variable names a configuration file.
func isEtcdFile(w Written) bool {
	name := w.Name
	if w.Kind == Variable {
		name, _ = etcdFlagOf(name)
	}
	return name == etcdConfigFile && (w.Value != "" || w.Elsewhere)
}

// EtcdFile returns the configuration file that etcd is given, or nothing.
func EtcdFile(given []Written) string {
	if at := slices.IndexFunc(given, isEtcdFile); at >= 0 {
		return given[at].Value
	}
	return ""
}

// JudgeEtcdFile judges the fields of etcd's configuration file, whose keys are the names
// of flags, and returns them as they were judged. etcd passes over fields that it does
// not know, as it does over variables.
func JudgeEtcdFile(r tracing.Resolved, e Etcd, fields map[string]any) ([]Verdict, []Written) {
	var given []Written
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		given = append(given, Written{Kind: Variable, Name: EtcdVariable(key), As: key, Value: fmt.Sprint(fields[key])})
	}
	return JudgeEtcd(r, e, given), given
}

func etcdMissing(s Setting) string {
	switch s.Key {
	case etcdEnable:
		return "Write the flag: etcd is not traced"
	case etcdAddress:
		return "Write the flag: the default is localhost:4317, which may be ::1"
	case etcdRate:
		return "Write the flag: without a rate nothing is sampled that does not come with a sampled trace"
	}
	return "Write the flag"
}

// etcdJudge judges one setting after the other.
type etcdJudge struct {
	r      tracing.Resolved
	etcd   Etcd
	given  []Written
	wanted map[string]Setting
	all    []Verdict
}

func (j *etcdJudge) judge(at int, prefix, key string) Verdict {
	w, right := j.given[at], j.etcd.release.FlagPrefix+key
	want, isWanted := j.wanted[key]
	v := Verdict{At: at, Class: Same, Name: w.Name, Value: w.Value}
	known := slices.Contains(etcdFlags, key)
	all, some := j.etcd.takes(prefix + key)
	rate := key == etcdRate && !j.etcd.TakesRate()
	switch {
	case w.Kind == Variable && (!known || rate):
		return Verdict{At: at, Class: Harmless, Name: w.Name, Value: w.Value}
	case !known:
		return Verdict{At: at, Class: RefusesToStart, Cure: fmt.Sprintf("Take it out: %s has no such flag", j.etcd)}
	case rate:
		return Verdict{At: at, Class: RefusesToStart, Cure: fmt.Sprintf("Take it out, or write etcd.imageTag of 3.5.11 or later in the spec: %s has no flag for the rate", j.etcd)}
	}
	if other := j.twin(at, key, right); other != "" {
		if w.Kind == Variable && !some {
			return Verdict{At: at, Class: Harmless, Name: w.Name, Value: w.Value} // etcd passes over it
		}
		return Verdict{At: at, Class: RefusesToStart, Cure: fmt.Sprintf("Take it out: etcd ends itself where a setting is given twice, and %s is there too", other)}
	}
	if isWanted {
		j.value(&v, key, w, want.Value)
		if !v.Settled() && v.Class != RefusesToStart && j.shadowed(at) {
			v.Class, v.Value, v.Cure = Harmless, w.Value, ""
		}
	} else {
		v.Class = Harmless // somebody's own: the ID of a member, which a spec cannot say, or a rate
	}
	if prefix+key == right {
		return v
	}
	// Another spelling.
	v.Name = right
	if w.Kind == Variable {
		v.Name = EtcdVariable(right)
	}
	switch {
	case all:
		if v.Settled() {
			v.Class = OtherSpelling
			v.Cure = fmt.Sprintf("Write it as %s: later releases of etcd do not have this spelling", spelt(w.Kind, v.Name))
		}
	case w.Kind == Variable:
		v.Class = Silent
		v.Cure = fmt.Sprintf("Write it as %s: %s passes over this variable", v.Name, j.etcd)
	default:
		v.Class = RefusesToStart
		has := "does not have the flag"
		if some {
			has = "may be one that does not have the flag"
		}
		v.Cure = fmt.Sprintf("Write it as %s: %s %s", spelt(w.Kind, v.Name), j.etcd, has)
	}
	return v
}

// spelt is a setting as people name it.
func spelt(kind Kind, name string) string { return Written{Kind: kind, As: name}.String() }

// twin returns a setting with which this one must go: etcd takes a setting once, a flag
// before a variable, and of two spellings the right one stays. A flag that is there
// twice in one spelling holds with its last value.
func (j *etcdJudge) twin(at int, key, right string) string {
	mine := j.given[at]
	prefix, _, _ := etcdSpelling(mine)
	for other, w := range j.given {
		otherPrefix, otherKey, ok := etcdSpelling(w)
		if !ok || otherKey != key || other == at {
			continue
		}
		switch {
		case mine.Kind == Variable && w.Kind == Flag,
			mine.Kind == w.Kind && prefix != otherPrefix && prefix+key != right:
			return w.String()
		}
	}
	return ""
}

// shadowed says whether a setting is there once more behind this one, which holds.
func (j *etcdJudge) shadowed(at int) bool {
	mine := j.given[at]
	return slices.ContainsFunc(j.given[at+1:], func(w Written) bool { return w.Kind == mine.Kind && w.Name == mine.Name })
}

// value judges the value of a setting that the spec wants too.
func (j *etcdJudge) value(v *Verdict, key string, w Written, want string) {
	v.Value = want
	if w.Elsewhere {
		v.Class, v.Cure = OtherValue, fmt.Sprintf("Write %s, or change the spec: this comes from elsewhere", want)
		return
	}
	switch key {
	case etcdEnable:
		on, err := strconv.ParseBool(w.Value)
		switch {
		case err != nil:
			v.Class, v.Cure = RefusesToStart, "Write true or false: etcd does not start with "+strconv.Quote(w.Value)
		case !on:
			v.Class, v.Cure = Silent, "Write true: etcd is not traced"
		}
	case etcdAddress:
		v.Class, v.Cure = JudgeEndpoint(j.r, w.Value)
	case etcdRate:
		v.Class, v.Cure = JudgeRate(w.Value, want)
		if w.Kind == Flag && w.Value == "" { // which is no number, and a field's is none at all
			v.Class, v.Cure = RefusesToStart, fmt.Sprintf("Write %s: a rate is a whole number", want)
		}
	default:
		if w.Value != want {
			v.Class, v.Cure = OtherValue, fmt.Sprintf("Write %s, or change the spec", want)
		}
	}
	if v.Class == Same {
		v.Value = w.Value // perhaps in other words
	}
}
