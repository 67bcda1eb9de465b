package io.ponix.connector.nats;

import io.nats.client.Connection;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import io.ponix.client.nats.NatsAccessException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Finds out whether the user of a connection may do what a job will do, before it does. A server
 * does not answer a request that is not permitted: it looks as if the server were away, and would
 * be waited for.
 *
 * <p>Every subject gets an empty message, which stands in no stream: it asks to be stored only in
 * one of an impossible name. Requests of the JetStream API do nothing without a content. Plain
 * subscribers of the subject, if there are any, see the empty message. For one thread.
 */
@PublicEvolving
public final class NatsPermissions {

    private static final String VIOLATION = "Permissions Violation";
    private static final String API = "$JS.API.";

    /** A stream's name has no dots. */
    private static final String NO_STREAM = "no.stream";

    /** A consumer that does not exist; named as the source names its own. */
    private static final String NO_CONSUMER = "ponix-preflight";

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private final Connection connection;
    private final List<String> missing = new ArrayList<>();

    /**
     * Permissions of a connection's user; all of them, as long as nothing was asked for.
     *
     * @param connection stays the caller's, who uses it for nothing else meanwhile
     */
    public NatsPermissions(Connection connection) {
        this.connection = connection;
    }

    /**
     * Looks whether answers to requests can be received.
     *
     * @throws IOException if the server cannot be asked
     */
    public NatsPermissions toReceiveAnswers() throws IOException {
        synchronized (connection) {
            connection.clearLastError();
            Subscription inbox = connection.subscribe(connection.createInbox());
            if (isRefused()) {
                missing.add("subscribe to " + connection.getOptions().getInboxPrefix() + ">");
            }
            inbox.unsubscribe();
        }
        return this;
    }

    /**
     * Looks whether a subject may be published to.
     *
     * @throws IOException if the server cannot be asked
     */
    public NatsPermissions toPublish(String subject) throws IOException {
        return toPublish(subject, subject);
    }

    private NatsPermissions toPublish(String subject, String named) throws IOException {
        // The connection has one last error, and is torn down at a third flush beside two others.
        synchronized (connection) {
            connection.clearLastError();
            connection.publish(
                    subject, new Headers().add("Nats-Expected-Stream", NO_STREAM), new byte[0]);
            if (isRefused() && !missing.contains("publish to " + named)) {
                missing.add("publish to " + named);
            }
        }
        return this;
    }

    /**
     * Looks whether streams may be found by subjects.
     *
     * @throws IOException if the server cannot be asked
     */
    public NatsPermissions toListStreams() throws IOException {
        return toPublish(API + "STREAM.NAMES");
    }

    /**
     * Looks whether a stream may be created.
     *
     * @throws IOException if the server cannot be asked
     */
    public NatsPermissions toCreate(String stream) throws IOException {
        return toPublish(API + "STREAM.CREATE." + stream);
    }

    /**
     * Looks whether a stream's settings and state may be looked at.
     *
     * @throws IOException if the server cannot be asked
     */
    public NatsPermissions toDescribe(String stream) throws IOException {
        return toPublish(API + "STREAM.INFO." + stream);
    }

    /**
     * Looks whether single messages of a stream may be looked up.
     *
     * @throws IOException if the server cannot be asked
     */
    public NatsPermissions toLookUpMessages(String stream) throws IOException {
        return toPublish(API + "STREAM.MSG.GET." + stream);
    }

    /**
     * Looks whether a stream may be read by consumers.
     *
     * @param filterSubjects of the consumers; none: of all its messages
     * @throws IOException if the server cannot be asked
     */
    public NatsPermissions toConsume(String stream, List<String> filterSubjects)
            throws IOException {
        String create = API + "CONSUMER.CREATE." + stream + ".";
        for (String filter : filterSubjects) {
            toPublish(create + NO_CONSUMER + "." + filter, create + ">");
        }
        if (filterSubjects.isEmpty()) {
            toPublish(create + NO_CONSUMER, create + ">");
        }
        String next = API + "CONSUMER.MSG.NEXT." + stream + ".";
        return toPublish(next + NO_CONSUMER, next + ">");
    }

    /**
     * Accepts what was found.
     *
     * @throws NatsAccessException if any of it is not permitted; the message names all of it
     */
    public void require() throws NatsAccessException {
        if (!missing.isEmpty()) {
            throw new NatsAccessException(
                    "the NATS user may not " + String.join(", ", missing) + "; permit it", null);
        }
    }

    /**
     * What the server last refused to do for the user of a connection; it may be the reason why a
     * request was not answered.
     */
    public static Optional<String> lastViolation(Connection connection) {
        return Optional.ofNullable(connection.getLastError())
                .filter(error -> error.contains(VIOLATION));
    }

    /** The server works in the order it is asked: its refusal comes before the flush's answer. */
    private boolean isRefused() throws IOException {
        try {
            connection.flush(ANSWER_WITHIN);
        } catch (TimeoutException | IllegalStateException e) {
            throw new IOException("The NATS server does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while waiting for the NATS server", e);
        }
        return lastViolation(connection).isPresent();
    }
}
