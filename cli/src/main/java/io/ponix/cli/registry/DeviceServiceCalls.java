package io.ponix.cli.registry;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.terminal.ProgressLine;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Calls of the device service for a person, who is told in a line what became of none. */
public final class DeviceServiceCalls implements AutoCloseable {

    private static final int DEADLINE_SECONDS = 60;

    private static final int LONG_DEADLINE_SECONDS = 3_600;

    /** All that gRPC itself says of a connection that does not come about. */
    private static final String NO_CONNECTION = "io exception";

    private final ManagedChannel channel;

    /**
     * @param channel to the device service; closed with this
     */
    public DeviceServiceCalls(ManagedChannel channel) {
        this.channel = channel;
    }

    /**
     * Calls a method, which has a minute.
     *
     * @param service makes the stub of its service
     * @throws CommandException when the service does not answer, or refuses
     */
    public <S extends AbstractStub<S>, T> T call(
            Function<Channel, S> service, Function<S, T> method) {
        return told(() -> method.apply(stub(service)));
    }

    /**
     * Calls a method that takes the longer the more is registered, which has an hour, and shows how
     * long it has taken so far.
     *
     * @param doing what it does, as its progress is headed
     * @param service makes the stub of its service
     * @throws CommandException when the service does not answer, or refuses
     */
    public <S extends AbstractStub<S>, T> T callLong(
            String doing, Function<Channel, S> service, Function<S, T> method) {
        long start = System.nanoTime();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (ProgressLine progress = new ProgressLine()) {
            clock.scheduleAtFixedRate(
                    () ->
                            progress.show(
                                    doing
                                            + ": "
                                            + TimeUnit.NANOSECONDS.toSeconds(
                                                    System.nanoTime() - start)
                                            + " s"),
                    1,
                    1,
                    TimeUnit.SECONDS);
            return told(
                    LONG_DEADLINE_SECONDS,
                    () ->
                            method.apply(
                                    service.apply(channel)
                                            .withDeadlineAfter(
                                                    LONG_DEADLINE_SECONDS, TimeUnit.SECONDS)));
        } finally {
            clock.shutdownNow();
        }
    }

    /** A stub whose call, one that is made at once, has a minute. */
    <S extends AbstractStub<S>> S stub(Function<Channel, S> service) {
        return service.apply(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Does what calls the service.
     *
     * @throws CommandException when the service does not answer, or refuses
     */
    static <T> T told(Supplier<T> calls) {
        return told(DEADLINE_SECONDS, calls);
    }

    private static <T> T told(int deadlineSeconds, Supplier<T> calls) {
        try {
            return calls.get();
        } catch (StatusRuntimeException e) {
            String description = e.getStatus().getDescription();
            throw new CommandException(
                    switch (e.getStatus().getCode()) {
                        case UNAUTHENTICATED ->
                                "the device service wants a valid key; set PONIX_API_KEY, or"
                                        + " PONIX_API_KEY_FILE to a file that holds one";
                        case UNAVAILABLE ->
                                "the device service does not answer: "
                                        + (NO_CONNECTION.equals(description) && e.getCause() != null
                                                ? e.getCause().getMessage()
                                                : description);
                        case NOT_FOUND ->
                                // Of a gateway it says the id, and nothing else.
                                "the device service refused: "
                                        + (description.contains(" ") ? "" : "not found: ")
                                        + description;
                        case DEADLINE_EXCEEDED ->
                                "the device service has not answered within "
                                        + deadlineSeconds
                                        + " s; a change may have been made all the same: look at it,"
                                        + " or run the same again where it has a --request-id";
                        case ABORTED ->
                                "somebody changed it in between; look at it, and run it again for what it is"
                                        + " now: "
                                        + description;
                        default -> "the device service refused: " + description;
                    },
                    e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
