package release

// oldestJaeger is the first release that receives OTLP by default.
// https://github.com/jaegertracing/jaeger/blob/main/CHANGELOG.md (1.35.0)
var oldestJaeger = numbers{1, 35}

// OldestJaeger returns the oldest release of Jaeger that is known, "1.35.0".
func OldestJaeger() string { return oldestJaeger.String() }

// JaegerMajor returns the major version of a Jaeger, 1 or 2, which are configured
// differently, and false where it is older than [OldestJaeger] or of a later major.
func JaegerMajor(v Version) (major uint, known bool) {
	major = v.numbers[0]
	return major, !v.numbers.before(oldestJaeger) && major <= 2
}
