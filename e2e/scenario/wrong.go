package scenario

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"kubetrace/e2e/lab"
	"kubetrace/etcd"
	"kubetrace/tracing"
)

// refused is what etcd prints of a flag that it does not have: up to 3.5 and from
// 3.6 on.
var refused = regexp.MustCompile(`flag provided but not defined: -|unknown flag: --`)

// WrongRelease gives etcd the flags that are right for another release, and says
// whether that breaks the cluster, and whether those who watch over it notice.
func (r *Run) WrongRelease(ctx context.Context) error {
	flags, err := etcd.Args(tracing.TracingSpec{KubernetesVersion: r.Plan.Wrong})
	if err != nil {
		return err
	}
	if err := r.healthy(ctx); err != nil {
		return fmt.Errorf("before anything is wrong: %w", err)
	}
	if err := r.Cluster.SetEtcdFlags(ctx, flags); err != nil {
		return err
	}
	node := r.Cluster.Nodes()[0]
	ill := 0
	return lab.Wait(ctx, 5*time.Minute, fmt.Sprintf("an etcd that refuses the flags of %s", r.Plan.Wrong), time.Second, func(ctx context.Context) error {
		printed, err := etcdPrinted(node)
		if err != nil {
			return err
		}
		if !refused.MatchString(printed) {
			return fmt.Errorf("etcd printed no such thing:\n%s", printed[max(0, len(printed)-2000):])
		}
		err = r.healthy(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err() // which is no news of the cluster
		case err == nil:
			ill = 0
			return fmt.Errorf("etcd refuses its flags, and the cluster seems healthy")
		}
		if ill++; ill < 2 {
			return fmt.Errorf("nothing that would last: %w", err)
		}
		return nil
	})
}

// etcdPrinted is what the etcds of a node have printed whose logs are still there.
func etcdPrinted(node *lab.Node) (string, error) {
	logs, err := fs.Glob(node.FS(), "var/log/pods/kube-system_etcd-*/etcd/*.log")
	if err != nil {
		return "", err
	}
	var printed strings.Builder
	for _, log := range logs {
		text, err := fs.ReadFile(node.FS(), log)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its pod was just removed
		}
		if err != nil {
			return "", err
		}
		printed.Write(text)
	}
	return printed.String(), nil
}
