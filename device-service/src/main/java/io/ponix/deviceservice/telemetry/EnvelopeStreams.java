package io.ponix.deviceservice.telemetry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusCheckedException;
import io.nats.client.Message;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StreamState;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsConnections;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.nats.NatsVariable;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.deadletter.DeadLetterHeaders;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads envelopes and dead letters from JetStream. It connects when it is first asked, keeps the
 * connection, and leaves nothing behind in the server. Safe for use by several threads at once.
 */
final class EnvelopeStreams implements AutoCloseable {

    /** A message that is in the stream comes sooner than that. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    private static final int NO_MESSAGE_FOUND = 10037;
    private static final int NO_STREAM_FOUND = 10059;

    private final TelemetrySettings settings;
    private Connection connection;

    EnvelopeStreams(TelemetrySettings settings) {
        this.settings = settings;
    }

    /**
     * A dead letter of a device.
     *
     * @param sequence in the stream of dead letters
     */
    record StoredLetter(long sequence, DeadLetter letter) {}

    /**
     * Dead letters of a device, the latest first.
     *
     * @param next the sequence before which to go on, or empty if there are no more
     */
    record LetterPage(List<StoredLetter> letters, Optional<Long> next) {}

    /**
     * Looks for the dead letters of a device.
     *
     * @param organizationId whose envelopes they have to be; empty: anyone's
     * @param before the sequence before which to look, or empty for the end of the stream
     * @param limit the most to return
     * @param searched how many messages of the stream to look at; of all but those of the device
     *     only the headers are read
     * @param longest stops once the letters are together longer than that, in bytes
     * @throws RequestException FAILED_PRECONDITION if there is no server, UNAVAILABLE while it does
     *     not answer
     */
    LetterPage deadLetters(
            String deviceId,
            String organizationId,
            Optional<Long> before,
            int limit,
            int searched,
            long longest) {
        String stream = settings.deadLettersStream();
        return with(
                nats -> {
                    Optional<StreamState> state = state(nats, stream);
                    if (state.isEmpty() || state.get().getMsgCount() == 0) {
                        return new LetterPage(List.of(), Optional.empty());
                    }
                    long end =
                            Math.min(
                                    state.get().getLastSequence(),
                                    before.orElse(Long.MAX_VALUE) - 1);
                    long first = state.get().getFirstSequence();
                    long start = Math.max(first, end - searched + 1);
                    if (end < first) {
                        return new LetterPage(List.of(), Optional.empty());
                    }
                    Deque<Long> found = search(nats, stream, deviceId, start, end);
                    List<StoredLetter> letters = new ArrayList<>();
                    long length = 0;
                    long oldest = end + 1;
                    while (!found.isEmpty() && letters.size() < limit && length <= longest) {
                        long sequence = found.removeLast();
                        oldest = sequence;
                        Optional<DeadLetter> letter =
                                message(nats, stream, sequence)
                                        .flatMap(EnvelopeStreams::letter)
                                        // Headers are shortened, and hold ASCII only.
                                        .filter(each -> each.getEndDeviceId().equals(deviceId))
                                        // An envelope may name one's device and be another's.
                                        .filter(
                                                each ->
                                                        isOf(
                                                                organizationId,
                                                                each.getOrganizationId()));
                        if (letter.isPresent()) {
                            length += letter.get().getSerializedSize();
                            letters.add(new StoredLetter(sequence, letter.get()));
                        }
                    }
                    if (!found.isEmpty()) {
                        return new LetterPage(letters, Optional.of(oldest));
                    }
                    return new LetterPage(
                            letters, start > first ? Optional.of(start) : Optional.empty());
                });
    }

    /** The sequences of a device's dead letters from {@code start} to {@code end}, ascending. */
    // try: the warning is about InterruptedException from close(), which is passed on.
    @SuppressWarnings("try")
    private static Deque<Long> search(
            Connection nats, String stream, String deviceId, long start, long end)
            throws IOException, JetStreamApiException, InterruptedException {
        OrderedConsumerConfiguration configuration =
                new OrderedConsumerConfiguration()
                        .deliverPolicy(DeliverPolicy.ByStartSequence)
                        .startSequence(start)
                        .headersOnly(true);
        Deque<Long> found = new ArrayDeque<>();
        try (IterableConsumer messages =
                nats.getStreamContext(stream)
                        .createOrderedConsumer(configuration)
                        .iterate(
                                ConsumeOptions.builder()
                                        .expiresIn(LONGEST_WAIT.toMillis())
                                        .build())) {
            while (true) {
                Message message = messages.nextMessage(LONGEST_WAIT);
                if (message == null || message.metaData().streamSequence() > end) {
                    return found;
                }
                if (message.hasHeaders()
                        && deviceId.equals(
                                message.getHeaders().getFirst(DeadLetterHeaders.DEVICE))) {
                    found.add(message.metaData().streamSequence());
                }
                if (message.metaData().streamSequence() == end
                        || message.metaData().pendingCount() == 0) {
                    return found;
                }
            }
        } catch (JetStreamStatusCheckedException e) {
            throw new IOException(e);
        } catch (IOException | JetStreamApiException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            // What IterableConsumer.close() declares.
            throw new IOException(e);
        }
    }

    /**
     * Returns the envelope of a message.
     *
     * @param receivedAt when it was stored, to the millisecond; empty: whenever that was
     * @param organizationId whose it has to be; empty: anyone's
     * @throws RequestException INVALID_ARGUMENT if it is not the stream of raw envelopes, NOT_FOUND
     *     if that does not keep it any more, FAILED_PRECONDITION if there is no server, UNAVAILABLE
     *     while it does not answer
     */
    RawEnvelope envelope(
            String stream, long sequence, Optional<Timestamp> receivedAt, String organizationId) {
        // Whatever else the server stores is not for the callers of this service.
        if (!stream.equals(settings.rawStream())) {
            throw RequestException.invalidArgument(
                    "stream",
                    "Stream must be "
                            + settings.rawStream()
                            + ", the stream of raw envelopes (see PONIX_NATS_RAW_STREAM), not "
                            + stream);
        }
        return with(
                nats -> {
                    MessageInfo message =
                            message(nats, stream, sequence)
                                    .filter(
                                            found ->
                                                    receivedAt
                                                            .map(
                                                                    time ->
                                                                            Timestamps.toMillis(
                                                                                            time)
                                                                                    == found.getTime()
                                                                                            .toInstant()
                                                                                            .toEpochMilli())
                                                            .orElse(true))
                                    .orElseThrow(() -> notKept(stream, sequence));
                    try {
                        RawEnvelope envelope = RawEnvelope.parseFrom(message.getData());
                        if (!isOf(organizationId, envelope.getOrganizationId())) {
                            throw notKept(stream, sequence);
                        }
                        return envelope;
                    } catch (InvalidProtocolBufferException e) {
                        if (!organizationId.isEmpty()) {
                            throw notKept(stream, sequence); // nobody's
                        }
                        throw RequestException.failedPrecondition(
                                        "Message "
                                                + Long.toUnsignedString(sequence)
                                                + " of the stream "
                                                + stream
                                                + " is no RawEnvelope")
                                .because("ENVELOPE_UNREADABLE", place(stream, sequence));
                    }
                });
    }

    private static boolean isOf(String organizationId, String named) {
        return organizationId.isEmpty() || organizationId.equals(named);
    }

    private static RequestException notKept(String stream, long sequence) {
        return RequestException.notFound(
                        "The stream "
                                + stream
                                + " does not keep message "
                                + Long.toUnsignedString(sequence)
                                + " any more")
                .because("ENVELOPE_NOT_KEPT", place(stream, sequence));
    }

    private static Map<String, String> place(String stream, long sequence) {
        return Map.of("stream", stream, "stream_sequence", Long.toUnsignedString(sequence));
    }

    /** Nothing for a message that is no dead letter: others may publish to the stream too. */
    private static Optional<DeadLetter> letter(MessageInfo message) {
        try {
            return Optional.of(DeadLetter.parseFrom(message.getData()));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }

    private static Optional<StreamState> state(Connection nats, String stream)
            throws IOException, JetStreamApiException {
        try {
            return Optional.of(nats.jetStreamManagement().getStreamInfo(stream).getStreamState());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_STREAM_FOUND) {
                // The job makes it.
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Optional<MessageInfo> message(Connection nats, String stream, long sequence)
            throws IOException, JetStreamApiException {
        try {
            return Optional.of(nats.jetStreamManagement().getMessage(stream, sequence));
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MESSAGE_FOUND || e.getApiErrorCode() == NO_STREAM_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw RequestException.failedPrecondition(
                            "Message "
                                    + Long.toUnsignedString(sequence)
                                    + " of the stream "
                                    + stream
                                    + " has headers that cannot be read")
                    .because("ENVELOPE_UNREADABLE", place(stream, sequence));
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T with(Connection nats) throws IOException, JetStreamApiException, InterruptedException;
    }

    private <T> T with(Work<T> work) {
        NatsSettings nats =
                settings.nats()
                        .orElseThrow(
                                () ->
                                        RequestException.failedPrecondition(
                                                        "The service was not told where the streams are:"
                                                                + " set PONIX_NATS_URL")
                                                .because(
                                                        "NOT_CONFIGURED",
                                                        Map.of("variable", "PONIX_NATS_URL")));
        try {
            return work.with(connection(nats));
        } catch (NatsAccessException e) {
            throw RequestException.unavailable(
                    "NATS does not let the service in (see "
                            + e.toBlame().stream()
                                    .map(NatsVariable::variable)
                                    .collect(Collectors.joining(", "))
                            + " of the service)",
                    e);
        } catch (IOException
                | JetStreamApiException
                | IllegalArgumentException
                | IllegalStateException e) {
            throw RequestException.unavailable("NATS does not answer (see PONIX_NATS_URL)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RequestException.unavailable("The call was interrupted", e);
        }
    }

    /** The connection, which reconnects by itself once there is one. */
    private synchronized Connection connection(NatsSettings nats) throws IOException {
        if (connection == null || connection.getStatus() == Connection.Status.CLOSED) {
            connection = NatsConnections.open(nats, "ponix device-service");
        }
        if (connection.getStatus() != Connection.Status.CONNECTED) {
            throw new IOException("the connection is " + connection.getStatus());
        }
        return connection;
    }

    @Override
    public synchronized void close() {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
