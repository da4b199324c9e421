package wire

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
)

// Method is the call that exports traces.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/collector/trace/v1/trace_service.proto
const Method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

// Raw is a message that is marshalled already.
type Raw []byte

// Export sends a request that is marshalled already, and returns the response as
// it came.
func Export(ctx context.Context, connection *grpc.ClientConn, request Raw, options ...grpc.CallOption) (Raw, error) {
	var response Raw
	err := connection.Invoke(ctx, Method, &request, &response, append(options, grpc.ForceCodecV2(codec{}))...)
	return response, err
}

// Handler answers a request that is not unmarshalled. The request is valid until
// it returns.
type Handler func(ctx context.Context, request Raw) (Raw, error)

// NewServer makes a server of the trace service alone.
func NewServer(handle Handler, options ...grpc.ServerOption) *grpc.Server {
	server := grpc.NewServer(append(options, grpc.ForceServerCodecV2(codec{}))...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "opentelemetry.proto.collector.trace.v1.TraceService",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Export",
			Handler: func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
				var request Raw
				if err := decode(&request); err != nil {
					return nil, err
				}
				call := func(ctx context.Context, _ any) (any, error) {
					response, err := handle(ctx, request)
					return &response, err
				}
				if intercept != nil {
					return intercept(ctx, &request, &grpc.UnaryServerInfo{FullMethod: Method}, call)
				}
				return call(ctx, nil)
			},
		}},
	}, struct{}{})
	return server
}

// codec passes messages on as they are.
type codec struct{}

var _ encoding.CodecV2 = codec{}

// Name is that of the messages' real form.
func (codec) Name() string { return "proto" }

// Marshal returns the bytes of a Raw.
func (codec) Marshal(message any) (mem.BufferSlice, error) {
	raw, ok := message.(*Raw)
	if !ok {
		return nil, fmt.Errorf("a message of type %T is not raw", message)
	}
	return mem.BufferSlice{mem.SliceBuffer(*raw)}, nil
}

// Unmarshal copies the bytes into a Raw.
func (codec) Unmarshal(data mem.BufferSlice, message any) error {
	raw, ok := message.(*Raw)
	if !ok {
		return fmt.Errorf("a message of type %T is not raw", message)
	}
	*raw = data.Materialize()
	return nil
}

// Rejected is the error of a response that says that some spans were not taken,
// of which there is no telling which.
func Rejected(response Raw) error {
	answer := ptraceotlp.NewExportResponse()
	if err := answer.UnmarshalProto(response); err != nil {
		return err
	}
	if n := answer.PartialSuccess().RejectedSpans(); n > 0 {
		return status.Errorf(codes.InvalidArgument, "%d spans were rejected: %s", n, answer.PartialSuccess().ErrorMessage())
	}
	return nil
}
