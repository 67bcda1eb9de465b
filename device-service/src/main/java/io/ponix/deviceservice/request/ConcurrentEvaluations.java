package io.ponix.deviceservice.request;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * Refuses a call that would evaluate expressions with RESOURCE_EXHAUSTED while as many of its
 * caller do as may. An evaluation that goes on after its caller left is counted until it ends.
 */
public final class ConcurrentEvaluations implements ServerInterceptor {

    /** A definition is evaluated with each of its examples before it is stored. */
    private static final Set<String> EVALUATING =
            Set.of(
                    "ponix.transform.v1.TransformService/Evaluate",
                    "ponix.intake.v1.IntakeService/Evaluate",
                    "ponix.end_device.v1.EndDeviceDefinitionService/CreateEndDeviceDefinition",
                    "ponix.end_device.v1.EndDeviceDefinitionService/UpdateEndDeviceDefinition");

    private static final Duration SOON = Duration.ofSeconds(1);

    private final int most;
    private final Supplier<String> caller;
    private final ConcurrentMap<String, Integer> running = new ConcurrentHashMap<>();

    /**
     * @param caller who makes the call that is being served on this thread
     */
    public ConcurrentEvaluations(CallLimits limits, Supplier<String> caller) {
        this.most = limits.concurrentEvaluations();
        this.caller = caller;
    }

    @Override
    public <RequestT, ResponseT> ServerCall.Listener<RequestT> interceptCall(
            ServerCall<RequestT, ResponseT> call,
            Metadata headers,
            ServerCallHandler<RequestT, ResponseT> next) {
        if (!EVALUATING.contains(call.getMethodDescriptor().getFullMethodName())) {
            return next.startCall(call, headers);
        }
        String name = caller.get();
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            // The method runs within this: it is unary, and answers before it returns.
            @Override
            public void onHalfClose() {
                if (!enter(name)) {
                    ErrorResponses.exhausted(
                            call,
                            most
                                    + " evaluations of yours are under way: call again when one has"
                                    + " ended, or have PONIX_GRPC_CONCURRENT_EVALUATIONS raised",
                            SOON);
                    return;
                }
                try {
                    super.onHalfClose();
                } finally {
                    leave(name);
                }
            }
        };
    }

    private boolean enter(String name) {
        boolean[] entered = new boolean[1];
        running.compute(
                name,
                (who, count) -> {
                    int before = count == null ? 0 : count;
                    entered[0] = before < most;
                    return entered[0] ? (Integer) (before + 1) : count;
                });
        return entered[0];
    }

    private void leave(String name) {
        running.computeIfPresent(name, (who, count) -> count == 1 ? null : (Integer) (count - 1));
    }
}
