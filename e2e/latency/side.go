package latency

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"kubetrace/e2e/cluster"
	"kubetrace/e2e/components"
	"kubetrace/e2e/lab"
)

// side is one of the two clusters, of one node, with a client of each component.
type side struct {
	name    string
	lab     *lab.Lab
	cluster *cluster.Cluster

	api     rest.Interface
	etcd    *clientv3.Client
	kubelet *http.Client
}

// newSide makes a cluster that has not booted.
func newSide(folder, name string, set *components.Set, log func(string, ...any)) (*side, error) {
	l, err := lab.New(folder)
	if err != nil {
		return nil, err
	}
	c, err := cluster.New(l, set, cluster.Options{Name: name, Log: log})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &side{name: name, lab: l, cluster: c}, nil
}

// boot makes the cluster with a bundle, or with none.
func (s *side) boot(ctx context.Context, bundle fs.FS) error {
	if err := s.cluster.Init(ctx, bundle); err != nil {
		return err
	}
	if err := errors.Join(s.cluster.WaitNodes(ctx), s.cluster.WaitControlPlane(ctx)); err != nil {
		return err
	}
	return s.connect()
}

// close ends the cluster, and says what it has left.
func (s *side) close() error {
	var errs []error
	if s.etcd != nil {
		errs = append(errs, s.etcd.Close())
	}
	if s.kubelet != nil {
		s.kubelet.CloseIdleConnections()
	}
	return errors.Join(append(errs, s.lab.Close(), s.lab.Left())...)
}

func (s *side) node() *lab.Node { return s.cluster.Nodes()[0] }

// answer is how soon a component has to answer at all. One that was blocked would
// be for as long as an exporter tries again, a minute.
const answer = 30 * time.Second

// connect makes the clients. Each keeps its connections, so that what is timed is
// the component.
func (s *side) connect() (err error) {
	if s.api, err = s.connectAPI(); err != nil {
		return err
	}
	if s.etcd, err = s.connectEtcd(); err != nil {
		return err
	}
	s.kubelet, err = s.connectKubelet()
	return err
}

// connectAPI connects as system:masters: kube-apiserver follows nobody else's
// traceparent.
func (s *side) connectAPI() (rest.Interface, error) {
	text, err := s.node().ReadFile("/etc/kubernetes/super-admin.conf")
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(text)
	if err != nil {
		return nil, err
	}
	config.Dial = s.dial
	config.QPS = -1 // no limit
	config.Timeout = answer
	config.WarningHandler = rest.NoWarnings{}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return client.CoreV1().RESTClient(), nil
}

func (s *side) connectEtcd() (*clientv3.Client, error) {
	const pki = "/etc/kubernetes/pki/etcd/"
	settings, err := s.tls(pki+"healthcheck-client.crt", pki+"healthcheck-client.key")
	if err != nil {
		return nil, err
	}
	authority, err := s.node().ReadFile(pki + "ca.crt")
	if err != nil {
		return nil, err
	}
	settings.RootCAs = x509.NewCertPool()
	settings.RootCAs.AppendCertsFromPEM(authority)
	return clientv3.New(clientv3.Config{
		Endpoints: []string{"https://127.0.0.1:2379"},
		TLS:       settings,
		DialOptions: []grpc.DialOption{grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			return s.dial(ctx, "tcp", address)
		})},
	})
}

func (s *side) connectKubelet() (*http.Client, error) {
	const pki = "/etc/kubernetes/pki/"
	settings, err := s.tls(pki+"apiserver-kubelet-client.crt", pki+"apiserver-kubelet-client.key")
	if err != nil {
		return nil, err
	}
	// It has signed its certificate itself, as kubeadm leaves it.
	settings.InsecureSkipVerify = true
	return &http.Client{
		Transport: &http.Transport{DialContext: s.dial, TLSClientConfig: settings, MaxIdleConnsPerHost: workers},
		Timeout:   answer,
	}, nil
}

// tls is a client's certificate of the node.
func (s *side) tls(certificate, key string) (*tls.Config, error) {
	certificateText, err := s.node().ReadFile(certificate)
	if err != nil {
		return nil, err
	}
	keyText, err := s.node().ReadFile(key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificateText, keyText)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", certificate, s.name, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}

func (s *side) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return s.node().Dial(ctx, network, address)
}
