package admission

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	psapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// PodSecurity judges pods by the policy of one minor release of Kubernetes.
type PodSecurity struct {
	version   psapi.Version
	evaluator policy.Evaluator
}

// NewPodSecurity returns the judge of a minor release, such as "1.30". To it,
// "latest" is the policy of that release.
func NewPodSecurity(minor string) (*PodSecurity, error) {
	version, err := psapi.ParseVersion("v" + minor)
	if err != nil {
		return nil, fmt.Errorf("pod security of %q: %w", minor, err)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), &version)
	if err != nil {
		return nil, fmt.Errorf("pod security of %s: %w", minor, err)
	}
	return &PodSecurity{version: version, evaluator: evaluator}, nil
}

// Level returns the reasons for which the level "privileged", "baseline" or
// "restricted" refuses a pod of the template, sorted; none where it admits it.
func (p *PodSecurity) Level(level string, template corev1.PodTemplateSpec) ([]string, error) {
	parsed, err := psapi.ParseLevel(level)
	if err != nil {
		return nil, fmt.Errorf("pod security level %q: %w", level, err)
	}
	return p.refusals(psapi.LevelVersion{Level: parsed, Version: p.version}, template), nil
}

// Namespace returns why a namespace with these labels refuses a pod of the
// template, warns of it or notes it for the audit. Where it has no labels, the
// cluster's defaults admit everything, as they do unless somebody changed them.
func (p *PodSecurity) Namespace(labels map[string]string, template corev1.PodTemplateSpec) ([]string, error) {
	everything := psapi.LevelVersion{Level: psapi.LevelPrivileged, Version: psapi.LatestVersion()}
	found, errs := psapi.PolicyToEvaluate(labels, psapi.Policy{Enforce: everything, Audit: everything, Warn: everything})
	if err := errs.ToAggregate(); err != nil {
		return nil, err
	}
	var all []string
	for _, mode := range []struct {
		name   string
		policy psapi.LevelVersion
	}{
		{"enforce", found.Enforce}, {"audit", found.Audit}, {"warn", found.Warn},
	} {
		for _, reason := range p.refusals(mode.policy, template) {
			all = append(all, mode.name+": "+reason)
		}
	}
	return all, nil
}

func (p *PodSecurity) refusals(level psapi.LevelVersion, template corev1.PodTemplateSpec) []string {
	results := p.evaluator.EvaluatePod(level, &template.ObjectMeta, &template.Spec)
	reasons := policy.AggregateCheckResults(results).ForbiddenReasons
	slices.Sort(reasons)
	return reasons
}
