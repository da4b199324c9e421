package lab

import (
	"context"
	"errors"
	"io"
	"net"
)

// Forward listens on the machine's loopback and passes what comes on to what dial
// connects to, such as something of a node, until the context ends. It returns
// the address that it listens on; a port of 0 is any.
func Forward(ctx context.Context, port string, dial func(context.Context) (net.Conn, error)) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return "", err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer from.Close()
				to, err := dial(ctx)
				if err != nil {
					return
				}
				defer to.Close()
				pass(ctx, from, to)
			}()
		}
	}()
	return listener.Addr().String(), nil
}

// pass copies both ways until one end closes or the context ends.
func pass(ctx context.Context, a, b net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = errors.Join(a.Close(), b.Close()) })
	defer stop()
	done := make(chan struct{}, 2)
	for _, ends := range [][2]net.Conn{{a, b}, {b, a}} {
		go func() {
			_, _ = io.Copy(ends[0], ends[1])
			done <- struct{}{}
		}()
	}
	<-done
}
