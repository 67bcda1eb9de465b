package io.ponix.deviceservice.request;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Refuses calls that come in after the service began to stop; those under way go on. */
public final class ShutdownGate implements ServerInterceptor {

    private volatile boolean closed;

    /** Refuses calls from now on. */
    public void close() {
        closed = true;
    }

    @Override
    public <RequestT, ResponseT> ServerCall.Listener<RequestT> interceptCall(
            ServerCall<RequestT, ResponseT> call,
            Metadata headers,
            ServerCallHandler<RequestT, ResponseT> next) {
        if (closed) {
            Status status =
                    Status.UNAVAILABLE.withDescription(
                            "The service is shutting down: call again later");
            call.close(status, ErrorResponses.trailers(status));
            return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
    }
}
