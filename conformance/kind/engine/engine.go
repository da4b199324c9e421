package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/template"
)

// Main is the program that kind takes for docker.
func Main() {
	os.Exit(Run(os.Getenv(Dir), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Run answers one command with the state in dir and returns the exit status.
func Run(dir string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if dir == "" {
		fmt.Fprintf(stderr, "%s must name the folder of the engine's state\n", Dir)
		return 125
	}
	var output bytes.Buffer
	e := engine{state: state{dir}, stdin: stdin, stdout: &output}
	call := Call{Args: args}
	err := e.do(args)
	var refused refusal
	switch {
	case errors.As(err, &refused):
		call.Exit, call.Refused = 125, true
	case err != nil:
		call.Exit = 1
	}
	// Before kind sees an answer: it kills what follows a log as soon as it has
	// read the line that it waits for.
	if err := e.state.log(call); err != nil {
		fmt.Fprintln(stderr, err)
		return 125
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	if _, err := stdout.Write(output.Bytes()); err != nil {
		return 125
	}
	return call.Exit
}

// refusal is the error of what the engine does not know.
type refusal string

func (r refusal) Error() string { return "the stand-in for docker does not know: " + string(r) }

type engine struct {
	state  state
	stdin  io.Reader
	stdout io.Writer
}

// rest stands in a pattern for all further arguments, any for one.
const rest, any1 = "...", "*"

// commands are those that kind gives while it creates a cluster.
// Source: pkg/cluster/internal/providers/docker of sigs.k8s.io/kind v0.30.0 and
// v0.33.0.
var commands = []struct {
	pattern []string
	do      func(e engine, captured []string) error
}{
	{[]string{"-v"}, engine.version},
	{[]string{"info", "--format", any1}, engine.info},
	{[]string{"info", "-f", any1}, engine.info},
	{[]string{"ps", "-a", "--filter", any1, "--format", any1}, engine.ps},
	{[]string{"inspect", "--type=image", any1}, engine.inspectImage},
	{[]string{"pull", any1}, engine.pull},
	{[]string{"network", "ls", any1, any1}, engine.networks},
	{[]string{"network", "inspect", "bridge", "-f", any1}, engine.bridge},
	{[]string{"network", "create", "-d=bridge", "-o", any1, "-o", any1, "--ipv6", "--subnet", any1, any1}, engine.createNetwork},
	{[]string{"run", rest}, engine.run},
	{[]string{"logs", "-f", any1}, engine.logs},
	{[]string{"inspect", "--format", any1, any1}, engine.inspect},
	{[]string{"inspect", "-f", any1, any1}, engine.inspect},
	{[]string{"exec", "--privileged", rest}, engine.exec},
	{[]string{"rm", "-f", "-v", rest}, engine.remove},
}

func (e engine) do(args []string) error {
	for _, command := range commands {
		if captured, ok := match(args, command.pattern); ok {
			return command.do(e, captured)
		}
	}
	return refusal(fmt.Sprintf("%q", args))
}

// match returns the arguments that stand where the pattern leaves them open.
func match(args, pattern []string) (captured []string, ok bool) {
	for i, want := range pattern {
		switch {
		case want == rest:
			return append(captured, args[i:]...), true
		case i >= len(args):
			return nil, false
		case want == any1:
			captured = append(captured, args[i])
		case want != args[i]:
			return nil, false
		}
	}
	return captured, len(args) == len(pattern)
}

// format prints data as docker does with --format. A field that the data does
// not have is an error.
func (e engine) format(text string, data any) error {
	t, err := template.New("format").Option("missingkey=error").Funcs(template.FuncMap{"json": func(v any) (string, error) {
		text, err := json.Marshal(v)
		return string(text), err
	}}).Parse(text)
	if err == nil {
		err = t.Execute(e.stdout, data)
	}
	if err != nil {
		return refusal(fmt.Sprintf("the format %s: %s", text, err))
	}
	fmt.Fprintln(e.stdout)
	return nil
}

func (e engine) version([]string) error {
	fmt.Fprintln(e.stdout, "Docker version 28.0.0, build 0000000")
	return nil
}

// host is what info tells of the machine: one with cgroup v2 and no rootless
// engine, where kind adds nothing to the arguments of run.
var host = struct {
	CgroupDriver, CgroupVersion       string
	MemoryLimit, PidsLimit, CPUShares bool
	SecurityOptions                   []string
	Driver                            string
	DriverStatus                      [][]string
}{
	"systemd", "2", true, true, true, []string{"name=seccomp,profile=builtin", "name=cgroupns"},
	"overlay2", [][]string{{"Backing Filesystem", "extfs"}},
}

func (e engine) info(args []string) error { return e.format(args[0], host) }

// listed is a container as ps formats it.
type listed struct{ c *Container }

func (l listed) Names() string           { return l.c.Name }
func (l listed) Label(key string) string { return l.c.Labels[key] }

func (e engine) ps(args []string) error {
	filter, ok := strings.CutPrefix(args[0], "label="+clusterLabel)
	if !ok {
		return refusal("ps --filter " + args[0])
	}
	all, err := e.state.containers()
	if err != nil {
		return err
	}
	for _, c := range all {
		if filter != "" && filter != "="+c.Labels[clusterLabel] {
			continue
		}
		if err := e.format(args[1], listed{c}); err != nil {
			return err
		}
	}
	return nil
}

func (e engine) inspectImage(args []string) error {
	if !e.state.has("images", args[0]) {
		return fmt.Errorf("Error: No such image: %s", args[0])
	}
	fmt.Fprintln(e.stdout, "[{}]")
	return nil
}

func (e engine) pull(args []string) error {
	_, err := e.state.add("images", args[0])
	return err
}

func (e engine) networks(args []string) error {
	name, quoted := strings.CutPrefix(args[0], "--filter=name=^")
	name, ended := strings.CutSuffix(name, "$")
	text, formatted := strings.CutPrefix(args[1], "--format=")
	if !quoted || !ended || !formatted {
		return refusal(fmt.Sprintf("network ls %q", args))
	}
	if !e.state.has("networks", name) {
		return nil
	}
	return e.format(text, struct{ ID, Name string }{"0123456789ab", name})
}

func (e engine) bridge(args []string) error {
	return e.format(args[0], struct{ Options map[string]string }{map[string]string{"com.docker.network.driver.mtu": "1500"}})
}

func (e engine) createNetwork(args []string) error {
	_, err := e.state.add("networks", args[len(args)-1])
	return err
}

func (e engine) run(args []string) error {
	c, err := parseRun(args)
	if err != nil {
		return err
	}
	return e.state.create(c)
}

// logs prints the line that kind waits for.
func (e engine) logs(args []string) error {
	if _, err := e.state.container(args[0]); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, "[  OK  ] Reached target Multi-User System.")
	return nil
}

// network is a container's place in a network, as inspect formats it.
type network struct{ IPAddress, GlobalIPv6Address string }

// inspected is a container as inspect formats it.
type inspected struct {
	Config          struct{ Labels map[string]string }
	NetworkSettings struct {
		Networks map[string]network
		Ports    map[string][]Port
	}
}

func (e engine) inspect(args []string) error {
	c, err := e.state.container(args[1])
	if err != nil {
		return err
	}
	var data inspected
	data.Config.Labels = c.Labels
	data.NetworkSettings.Ports = c.Ports
	ipv4, ipv6 := c.addresses()
	data.NetworkSettings.Networks = map[string]network{"kind": {ipv4, ipv6}}
	return e.format(args[0], data)
}

// remove is what kind does with the nodes when it gives up. They stay to be
// looked at.
func (e engine) remove(names []string) error {
	for _, name := range names {
		if _, err := e.state.container(name); err != nil {
			return err
		}
	}
	return nil
}
