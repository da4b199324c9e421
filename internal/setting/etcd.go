package setting

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kubetrace/release"
	"kubetrace/tracing"
)

// The flags of etcd's tracing, in the spelling of 3.6 and later. Up to 3.5 they begin
// with release.EtcdExperimental, which 3.6 takes too and 3.7 does not.
// Source: go.etcd.io/etcd/server/v3 embed/config.go and etcdmain/config.go
// (v3.5.11:279, v3.6.0, v3.7.0).
const (
	etcdEnable     = "enable-distributed-tracing"
	etcdAddress    = "distributed-tracing-address"
	etcdService    = "distributed-tracing-service-name"
	etcdInstanceID = "distributed-tracing-instance-id"
	etcdRate       = "distributed-tracing-sampling-rate"
)

// etcdFlags are all of them.
var etcdFlags = []string{etcdEnable, etcdAddress, etcdService, etcdInstanceID, etcdRate}

// ofEtcdTracing is whatever somebody has taken for one of them.
var ofEtcdTracing = regexp.MustCompile(`^(` + release.EtcdExperimental + `)?((?:enable-)?distributed-tracing.*)$`)

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

// Etcd is the version of etcd that settings are judged for, or the range of versions that
// kubeadm may choose from.
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
	if at := etcdFile(given); at >= 0 {
		return append(e.unread(given), Verdict{At: at, Class: Void, Cure: "Write what etcd.ConfigFile returns into the file, or take this out: with it etcd passes over all its other flags and variables"})
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
		seen[key] = seen[key] || v.Name != "" && !(isUnset(w) && v.Class == Harmless)
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

// etcdFile returns the index of what names a configuration file, or -1: the last flag,
// or the variable where that is empty.
func etcdFile(given []Written) int {
	found := -1
	for at, w := range given {
		if w.Kind == Flag && w.Name == etcdConfigFile {
			found = at
		}
	}
	if found >= 0 && given[found].Value != "" {
		return found
	}
	return slices.IndexFunc(given, func(w Written) bool {
		flag, _ := etcdFlagOf(w.Name)
		return w.Kind == Variable && flag == etcdConfigFile && !isUnset(w)
	})
}

// EtcdFile returns the configuration file that etcd is given, or nothing.
func EtcdFile(given []Written) string {
	if at := etcdFile(given); at >= 0 {
		return given[at].Value
	}
	return ""
}

// unread are the flags with which etcd ends itself although it has a configuration
// file, since it parses its flags first.
func (e Etcd) unread(given []Written) (all []Verdict) {
	for at, w := range given {
		prefix, key, ok := etcdSpelling(w)
		if !ok || w.Kind != Flag {
			continue
		}
		if takes, _ := e.takes(prefix + key); !takes || !slices.Contains(etcdFlags, key) || !etcdParses(key, w) {
			all = append(all, Verdict{At: at, Class: RefusesToStart, Cure: fmt.Sprintf("Take it out: %s does not read this flag, and ends itself before it reads its configuration file", e)})
		}
	}
	return all
}

// isUnset says whether etcd takes a variable for one that is not there.
func isUnset(w Written) bool { return w.Kind == Variable && w.Value == "" && !w.Elsewhere }

// etcdParses says whether etcd can parse the value of a setting, whatever it makes of it.
func etcdParses(key string, w Written) bool {
	var err error
	switch {
	case w.Elsewhere || isUnset(w):
	case key == etcdEnable:
		if _, err = strconv.ParseBool(w.Value); w.Apart {
			return false // Go's flags take no value of its own for a truth value
		}
	case key == etcdRate:
		_, err = strconv.ParseInt(w.Value, 0, strconv.IntSize)
	}
	return err == nil
}

// JudgeEtcdFile judges the fields of etcd's configuration file, whose keys are the names
// of flags, and returns them as they were judged. etcd passes over fields that it does
// not know, as it does over variables, and takes null for a field that is not there. A
// field that it knows ends it where it is of another type.
func JudgeEtcdFile(r tracing.Resolved, e Etcd, fields map[string]any) ([]Verdict, []Written) {
	var given []Written
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if fields[key] != nil {
			given = append(given, Written{Kind: Field, Name: key, As: key, Value: etcdFieldText(fields[key])})
		}
	}
	verdicts := JudgeEtcd(r, e, given)
	for i, v := range verdicts {
		if v.At < 0 {
			continue
		}
		w := given[v.At]
		_, key, _ := etcdSpelling(w)
		if _, some := e.takes(w.Name); !some || !slices.Contains(etcdFlags, key) {
			continue
		}
		if want := etcdFieldType(key, fields[w.Name]); want != "" {
			verdicts[i] = Verdict{At: v.At, Class: RefusesToStart, Name: v.Name, Value: v.Value, Cure: fmt.Sprintf("Write %s: etcd does not start with a field of another type", want)}
		}
	}
	return verdicts, given
}

// etcdFieldType returns what a field should be, or nothing where it is that.
func etcdFieldType(key string, value any) string {
	switch key {
	case etcdEnable:
		if _, ok := value.(bool); !ok {
			return "true or false, without quotes"
		}
	case etcdRate:
		if n, ok := value.(float64); !ok || n != math.Trunc(n) {
			return "a whole number, without quotes"
		}
	default:
		if _, ok := value.(string); !ok {
			return "a text, in quotes if need be"
		}
	}
	return ""
}

// etcdFieldText is a field's value as a flag has it.
func etcdFieldText(value any) string {
	if n, ok := value.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(value)
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
	passedOver := Verdict{At: at, Class: Harmless, Name: w.Name, Value: w.Value}
	rate := key == etcdRate && !j.etcd.TakesRate()
	switch {
	case w.Kind != Flag && (!known || rate), isUnset(w) && (prefix+key != right || j.otherVariable(key, prefix)):
		return passedOver
	case !known:
		return Verdict{At: at, Class: RefusesToStart, Cure: fmt.Sprintf("Take it out: %s has no such flag", j.etcd)}
	case rate:
		return Verdict{At: at, Class: RefusesToStart, Cure: fmt.Sprintf("Take it out, or write etcd.imageTag of 3.5.11 or later in the spec: %s has no flag for the rate", j.etcd)}
	}
	if other := j.twin(at, key, right); other != "" {
		if w.Kind != Flag && !some {
			return passedOver
		}
		return Verdict{At: at, Class: RefusesToStart, Cure: fmt.Sprintf("Take it out: etcd ends itself where a setting is given twice, and %s is there too", other)}
	}
	switch {
	case isWanted || !etcdParses(key, w):
		j.value(&v, key, w, want.Value)
		if !v.Settled() && etcdParses(key, w) && j.shadowed(at) {
			v.Class, v.Value, v.Cure = Harmless, w.Value, ""
		}
	default:
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
	case w.Kind != Flag:
		v.Class = Silent
		v.Cure = fmt.Sprintf("Write it as %s: %s passes over this %s", v.Name, j.etcd, w.Kind)
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
		if !ok || otherKey != key || other == at || isUnset(w) {
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

// otherVariable says whether a variable in the other spelling sets a key.
func (j *etcdJudge) otherVariable(key, prefix string) bool {
	return slices.ContainsFunc(j.given, func(w Written) bool {
		otherPrefix, otherKey, ok := etcdSpelling(w)
		_, some := j.etcd.takes(otherPrefix + otherKey)
		return ok && some && w.Kind == Variable && !isUnset(w) && otherKey == key && otherPrefix != prefix
	})
}

// value judges the value of a setting that the spec wants too.
func (j *etcdJudge) value(v *Verdict, key string, w Written, want string) {
	v.Value = want
	if w.Elsewhere {
		v.Class, v.Cure = OtherValue, fmt.Sprintf("Write %s, or change the spec: this comes from elsewhere", want)
		return
	}
	on, _ := strconv.ParseBool(w.Value)
	switch {
	case !etcdParses(key, w):
		instead := want
		if instead == "" {
			instead = "a value of its type"
		}
		v.Class, v.Cure = RefusesToStart, fmt.Sprintf("Write --%s=%s: etcd does not start with %s", v.Name, instead, strconv.Quote(w.Value))
	case key == etcdEnable && !on:
		v.Class, v.Cure = Silent, "Write true: etcd is not traced"
	case key == etcdEnable:
	case key == etcdAddress:
		v.Class, v.Cure = JudgeEndpoint(j.r, w.Value)
		if _, err := url.Parse("dns:///" + w.Value); err != nil && j.etcd.TakesRate() { // gRPC has refused it since then
			v.Class, v.Cure = RefusesToStart, fmt.Sprintf("Write %s: etcd does not start with what is no address", want)
		}
	case key == etcdRate:
		if v.Class, v.Cure = JudgeRate(w.Value, want); v.Class == RefusesToStart && !j.on() {
			v.Class = OtherValue // which it sees once it is traced
		}
	case w.Value != want:
		v.Class, v.Cure = OtherValue, fmt.Sprintf("Write %s, or change the spec", want)
	}
	if v.Class == Same {
		v.Value = w.Value // perhaps in other words
	}
}

// on says whether tracing is switched on, or may be.
func (j *etcdJudge) on() (on bool) {
	for _, w := range j.given {
		prefix, key, ok := etcdSpelling(w)
		if _, some := j.etcd.takes(prefix + key); ok && some && key == etcdEnable && !isUnset(w) {
			enabled, _ := strconv.ParseBool(w.Value)
			on = enabled || w.Elsewhere
		}
	}
	return on
}
