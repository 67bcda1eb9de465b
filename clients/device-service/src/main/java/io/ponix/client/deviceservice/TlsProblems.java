package io.ponix.client.deviceservice;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** Says what is wrong where client and service do not agree on TLS, of which gRPC tells little. */
final class TlsProblems implements ClientInterceptor {

    /** What a client without TLS is told of a service with it, which closes the connection. */
    private static final String CLOSED = "Network closed for unknown reason";

    private static final String NO_HTTP_2 = "First received frame was not SETTINGS";

    private final DeviceServiceAddress address;

    TlsProblems(DeviceServiceAddress address) {
        this.address = address;
    }

    @Override
    public <RequestT, ResponseT> ClientCall<RequestT, ResponseT> interceptCall(
            MethodDescriptor<RequestT, ResponseT> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<ResponseT> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                super.onClose(explained(status), trailers);
                            }
                        },
                        headers);
            }
        };
    }

    private static boolean isEndedAtOnce(Status status) {
        String description = String.valueOf(status.getDescription());
        if (description.contains(CLOSED) || description.contains(NO_HTTP_2)) {
            return true;
        }
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof IOException
                    && (message.contains("reset") || message.contains("Broken pipe"))) {
                return true;
            }
        }
        return false;
    }

    private Status explained(Status status) {
        if (status.getCode() != Status.Code.UNAVAILABLE) {
            return status;
        }
        if (address.tls().isEmpty()) {
            return isEndedAtOnce(status)
                    ? status.withDescription(
                            "%s ended the connection; if it speaks TLS, begin %s with https://"
                                    .formatted(address, DeviceServiceVariable.ADDRESS.variable()))
                    : status;
        }
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return status.withDescription(address.failed((SSLException) cause));
            }
        }
        return status;
    }
}
