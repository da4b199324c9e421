// Command forward is the limit of what a collector can cost: a gRPC server that
// reads OTLP traces and sends them on unchanged, with gzip, before it answers.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // registers what UseCompressor names
)

func main() {
	listen := flag.String("listen", "127.0.0.1:4317", "the `address` to listen on")
	to := flag.String("to", "", "the backend's `address`")
	flag.Parse()
	if err := run(*listen, *to); err != nil {
		fmt.Fprintln(os.Stderr, "forward:", err)
		os.Exit(1)
	}
}

func run(listen, to string) error {
	connection, err := grpc.NewClient("passthrough:///"+to,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.UseCompressor("gzip")))
	if err != nil {
		return err
	}
	defer connection.Close()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	ptraceotlp.RegisterGRPCServer(server, &forwarder{backend: ptraceotlp.NewGRPCClient(connection)})
	return server.Serve(listener)
}

type forwarder struct {
	ptraceotlp.UnimplementedGRPCServer
	backend ptraceotlp.GRPCClient
}

// Export answers what the backend answers. It is gRPC's to call.
func (f *forwarder) Export(ctx context.Context, request ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	return f.backend.Export(ctx, request)
}
