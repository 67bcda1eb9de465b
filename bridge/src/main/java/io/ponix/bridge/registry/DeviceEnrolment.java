package io.ponix.bridge.registry;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.EnrolEndDeviceRequest;
import io.ponix.proto.end_device.v1.EnrolEndDeviceResponse;
import io.ponix.proto.gateway.v1.Enrolment;
import io.ponix.proto.gateway.v1.Gateway;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has devices made of the external ids that gateways hear, where the gateways ask for it.
 *
 * <p>The envelope does not wait for it: the job keeps the envelope of a device that it does not
 * know for a while, and the device is there by then. While the service is away an id waits here and
 * is asked for again; its envelopes may become dead letters meanwhile, which can be replayed.
 *
 * <p>What the service answered is believed for some minutes, so that a device that sends often
 * costs next to nothing, and one that was deleted is soon enrolled again; a refusal is for a
 * minute, and one for too many devices for all further ones of the gateway. Nothing of it holds any
 * more when the gateway's enrolment is changed.
 */
public final class DeviceEnrolment {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceEnrolment.class);

    private static final int MOST_REMEMBERED = 200_000;
    private static final int MOST_WAITING = 10_000;
    private static final int AT_ONCE = 4;
    private static final long DEADLINE_SECONDS = 15;
    private static final long PAUSE_MILLIS = 1_000;
    private static final Duration KNOWN_FOR = Duration.ofMinutes(5);
    private static final Duration REFUSED_FOR = Duration.ofMinutes(1);

    private final GatewayDirectory directory;
    private final ScheduledExecutorService executor;
    private final LongSupplier nanoTime;

    // All guarded by this.
    private final Map<Key, Long> settledUntil =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Long> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            };
    private final Map<Asking, Long> fullUntil = new LinkedHashMap<>();
    private final Set<Key> waiting = new HashSet<>();
    private final Queue<Key> queue = new ArrayDeque<>();
    private int asked;

    /** A gateway with what it asks for: another limit is another question. */
    private record Asking(String gatewayId, Enrolment enrolment) {}

    private record Key(Asking asking, String externalId) {

        private String gatewayId() {
            return asking.gatewayId();
        }
    }

    /**
     * @param executor for repetitions; stays the caller's
     */
    public DeviceEnrolment(GatewayDirectory directory, ScheduledExecutorService executor) {
        this(directory, executor, System::nanoTime);
    }

    /**
     * @param nanoTime what the time is, as {@link System#nanoTime} says it
     */
    DeviceEnrolment(
            GatewayDirectory directory, ScheduledExecutorService executor, LongSupplier nanoTime) {
        this.directory = directory;
        this.executor = executor;
        this.nanoTime = nanoTime;
    }

    /** Is told of a device by what it calls itself, or by nothing. Returns at once. */
    public void heard(Gateway gateway, String externalId) {
        if (!gateway.hasEnrolment() || externalId.isEmpty()) {
            return;
        }
        Key key = new Key(new Asking(gateway.getGatewayId(), gateway.getEnrolment()), externalId);
        synchronized (this) {
            if (isAhead(settledUntil.get(key))
                    || isAhead(fullUntil.get(key.asking()))
                    || waiting.size() >= MOST_WAITING
                    || !waiting.add(key)) {
                return;
            }
            queue.add(key);
        }
        ask();
    }

    /** Whether the service has answered for all that was heard. */
    synchronized boolean isAnswered() {
        return waiting.isEmpty();
    }

    private boolean isAhead(Long time) {
        return time != null && nanoTime.getAsLong() - time < 0;
    }

    private void ask() {
        Key key;
        synchronized (this) {
            if (asked >= AT_ONCE || queue.isEmpty()) {
                return;
            }
            asked++;
            key = queue.remove();
        }
        try {
            EndDeviceServiceGrpc.newStub(directory.channel())
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .enrolEndDevice(
                            EnrolEndDeviceRequest.newBuilder()
                                    .setGatewayId(key.gatewayId())
                                    .setExternalId(key.externalId())
                                    .build(),
                            new Answer(key));
        } catch (StatusRuntimeException e) {
            refused(key, e.getStatus());
        }
    }

    private final class Answer implements StreamObserver<EnrolEndDeviceResponse> {

        private final Key key;

        private Answer(Key key) {
            this.key = key;
        }

        @Override
        public void onNext(EnrolEndDeviceResponse response) {
            if (response.getCreated()) {
                LOG.info(
                        "Gateway {}: enrolled the device {}, which calls itself {}",
                        key.gatewayId(),
                        response.getEndDevice().getDeviceId(),
                        response.getEndDevice().getExternalId());
            }
            settled(key, KNOWN_FOR);
        }

        @Override
        public void onError(Throwable problem) {
            refused(key, Status.fromThrowable(problem));
        }

        @Override
        public void onCompleted() {
            // The one answer was the end.
        }
    }

    private void settled(Key key, Duration time) {
        synchronized (this) {
            asked--;
            waiting.remove(key);
            // Behind those that were told before, which are forgotten first.
            settledUntil.remove(key);
            settledUntil.put(key, nanoTime.getAsLong() + time.toNanos());
        }
        ask();
    }

    private void refused(Key key, Status status) {
        switch (status.getCode()) {
            case RESOURCE_EXHAUSTED -> {
                boolean first;
                synchronized (this) {
                    fullUntil.values().removeIf(until -> !isAhead(until));
                    first =
                            fullUntil.put(
                                            key.asking(),
                                            nanoTime.getAsLong() + REFUSED_FOR.toNanos())
                                    == null;
                }
                if (first) {
                    LOG.warn("Not enrolled: {}", status.getDescription());
                }
                settled(key, REFUSED_FOR);
            }
            case NOT_FOUND,
                    FAILED_PRECONDITION,
                    INVALID_ARGUMENT,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    UNIMPLEMENTED -> {
                LOG.debug(
                        "{} of {} is not enrolled: {}", key.externalId(), key.gatewayId(), status);
                settled(key, REFUSED_FOR);
            }
            default -> askLater(key);
        }
    }

    /** Keeps its place among those that are asked for, so that a service that is away has peace. */
    private void askLater(Key key) {
        executor.schedule(
                () -> {
                    synchronized (this) {
                        asked--;
                        queue.add(key);
                    }
                    ask();
                },
                PAUSE_MILLIS,
                TimeUnit.MILLISECONDS);
    }
}
