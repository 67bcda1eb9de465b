package io.ponix.deviceservice.request;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Refuses a call with RESOURCE_EXHAUSTED where its caller made more within the last seconds than
 * one may; the details say when there is room again ({@code google.rpc.RetryInfo}).
 */
public final class RequestRate implements ServerInterceptor {

    private final int perSecond;
    private final TokenBuckets buckets;
    private final Supplier<String> caller;

    /**
     * @param caller who makes the call that is being served on this thread
     */
    public RequestRate(CallLimits limits, Supplier<String> caller) {
        this.perSecond = limits.requestsPerSecond();
        this.buckets = new TokenBuckets(perSecond, System::nanoTime);
        this.caller = caller;
    }

    @Override
    public <RequestT, ResponseT> ServerCall.Listener<RequestT> interceptCall(
            ServerCall<RequestT, ResponseT> call,
            Metadata headers,
            ServerCallHandler<RequestT, ResponseT> next) {
        Duration wait = buckets.take(caller.get());
        if (wait.isZero()) {
            return next.startCall(call, headers);
        }
        ErrorResponses.exhausted(
                call,
                "More than "
                        + perSecond
                        + " calls a second: call again later, or have PONIX_GRPC_REQUESTS_PER_SECOND"
                        + " raised",
                wait);
        return new ServerCall.Listener<>() {};
    }
}
