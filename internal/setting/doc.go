// Package setting is the vocabulary of tracing: what a spec sets on each component,
// what others may have written of it, and what the component makes of that.
//
// [Of] is the closed list of what a component is to have. The generators render it,
// and upgrade compares those of two releases. [JudgeEtcd], [JudgeGates],
// [JudgeEndpoint], [JudgeRate], [JudgeVariables] and [MountOf] judge what is written,
// in every spelling that a release knows: apply edits by their verdicts and check
// reports them, so that the two cannot disagree. [ReadCommand], [ParseGates] and the
// names of flags and variables are how the components read.
//
// A flag, a variable, a gate and a field have their names here and nowhere else.
package setting
