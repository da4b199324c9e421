package kubernetes

import (
	"context"
	"fmt"
	"io"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kubetrace/conformance"
	"kubetrace/conformance/judge/api"
)

// closedProxy keeps kubeadm off the network: it asks for the newest release
// when a configuration names no version, is refused at once on this loopback
// port, and takes its own version instead.
const (
	closedProxyName = "HTTPS_PROXY"
	closedProxy     = "http://127.0.0.1:1"
)

// patience bounds one answer.
const patience = time.Minute

// Judge is a running judge of one release; see kubetrace/conformance/judge. It
// answers one question at a time.
type Judge struct {
	// Version is the release that it is linked with, "v1.29.1".
	Version string

	// plain holds the answers about clusters without tracing, of which there
	// are few, by configuration.
	plain   map[string]api.KubeadmAnswer
	client  *rpc.Client
	process *exec.Cmd
	printed conformance.Printed
}

// BuildJudge builds the judge of a minor release, "1.29", with the module versions
// of v1.29.mod in the given folder.
func BuildJudge(ctx context.Context, folder, minor string) (version, program string, err error) {
	tags, err := Tags(minor)
	if err != nil {
		return "", "", err
	}
	version, program, err = conformance.Build(ctx, filepath.Join(folder, "v"+minor+".mod"), "k8s.io/kubernetes", "kubetrace/conformance/judge", conformance.KubernetesFlags, tags...)
	if err != nil {
		return "", "", fmt.Errorf("%w\nWhere a module or a checksum is missing, pin the release anew, or a neighbour: make judge VERSION=%s.0\nWhere the release's code has other signatures, give conformance/judge a file for it with the constraint k8s%s: see kubelet_validate.go and kubelet_validate_old.go", err, minor, minor)
	}
	return version, program, nil
}

// StartJudge builds the judge of a minor release and starts it.
func StartJudge(ctx context.Context, folder, minor string) (*Judge, error) {
	version, program, err := BuildJudge(ctx, folder, minor)
	if err != nil {
		return nil, err
	}
	j := &Judge{Version: version, plain: map[string]api.KubeadmAnswer{}, process: exec.Command(program)}
	// Nothing of this process's environment: kubeadm hands proxies on to pods.
	j.process.Env = []string{closedProxyName + "=" + closedProxy}
	j.process.Stderr = &j.printed
	stdin, err := j.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := j.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := j.process.Start(); err != nil {
		return nil, fmt.Errorf("start the judge of %s: %w", version, err)
	}
	j.client = rpc.NewClientWithCodec(jsonrpc.NewClientCodec(pipes{stdout, stdin}))
	return j, nil
}

// Tags are the build tags of the judge of a minor release: one for each release
// that it is or comes after, so that a file may be for "1.25 and later".
func Tags(minor string) (tags []string, err error) {
	newest, err := strconv.Atoi(strings.TrimPrefix(minor, "1."))
	if err != nil {
		return nil, fmt.Errorf("minor release %q: write one such as 1.36: %w", minor, err)
	}
	for n := 22; n <= newest; n++ {
		tags = append(tags, fmt.Sprintf("k8s1.%d", n))
	}
	return tags, nil
}

// pipes are a program's output and input as one connection.
type pipes struct {
	io.Reader
	io.WriteCloser
}

// Close ends the judge.
func (j *Judge) Close() error {
	// Its input ends, and so does it.
	if err := j.client.Close(); err != nil {
		return err
	}
	return j.process.Wait()
}

// ask sends one question. A judge that does not answer is ended: its release's
// code has crashed or hangs.
func ask[Answer any](j *Judge, method string, request any) (Answer, error) {
	var answer Answer
	call := j.client.Go(method, request, &answer, make(chan *rpc.Call, 1))
	select {
	case <-call.Done:
	case <-time.After(patience):
		_ = j.process.Process.Kill()
		<-call.Done
	}
	if call.Error != nil {
		// What ended it stands first, then Go prints every goroutine.
		printed := strings.TrimSpace(j.printed.String())
		return answer, fmt.Errorf("the judge of %s fails at %s: %w\n%s", j.Version, method, call.Error, printed[:min(len(printed), 4000)])
	}
	return answer, nil
}

// Kubeadm asks what kubeadm init writes.
func (j *Judge) Kubeadm(request api.KubeadmRequest) (api.KubeadmAnswer, error) {
	return ask[api.KubeadmAnswer](j, api.Kubeadm, request)
}

// untraced is Kubeadm, asked once for each configuration.
func (j *Judge) untraced(request api.KubeadmRequest) (api.KubeadmAnswer, error) {
	if answer, ok := j.plain[request.Config]; ok {
		return answer, nil
	}
	answer, err := j.Kubeadm(request)
	if err == nil {
		j.plain[request.Config] = answer
	}
	return answer, err
}

// APIServer asks whether a kube-apiserver traces.
func (j *Judge) APIServer(request api.APIServerRequest) (api.APIServerAnswer, error) {
	return ask[api.APIServerAnswer](j, api.APIServer, request)
}

// TracingFile asks what a kube-apiserver reads in its tracing file.
func (j *Judge) TracingFile(text string) (api.APIServerAnswer, error) {
	return ask[api.APIServerAnswer](j, api.TracingFile, api.TracingFileRequest{Text: text})
}

// Kubelet asks with what configuration a kubelet runs.
func (j *Judge) Kubelet(request api.KubeletRequest) (api.KubeletAnswer, error) {
	return ask[api.KubeletAnswer](j, api.Kubelet, request)
}

// DropIn asks why a kubelet ends that is given a --config-dir which is not there.
func (j *Judge) DropIn(env ...string) (string, error) {
	answer, err := ask[api.DropInAnswer](j, api.DropIn, api.DropInRequest{Env: env})
	return answer.Error, err
}

// Gates asks which feature gates the release registers.
func (j *Judge) Gates(names ...string) (map[string]api.Gate, error) {
	answer, err := ask[api.GatesAnswer](j, api.Gates, api.GatesRequest{Names: names})
	return answer.Known, err
}
