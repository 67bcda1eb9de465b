package io.ponix.deviceservice.change;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.RequestException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/**
 * Makes the changes that requests ask for. Each is a transaction, in which the database writes its
 * events too (migrations/postgres, {@code registry_events}).
 *
 * <p><b>Guarantees.</b> A request that names itself ({@code request_id}) has its effect once,
 * however many times, and at how many instances of the service at once, it arrives within a day:
 * all of them get the first one's answer. A change whose caller has been told that its deadline has
 * passed, or who is gone, is undone; the database looks at the deadline last of all, before it
 * commits.
 */
public final class RegistryChanges {

    private static final String REQUEST_ID = "request_id";
    private static final String REASON = "reason";
    private static final String VALIDATE_ONLY = "validate_only";

    /** Waits for another that claims the same, and claims what it gave up or had long ago. */
    private static final String CLAIM =
            "INSERT INTO registry_requests AS known"
                    + " (caller, request_id, request_sha256, requested_at)"
                    + " VALUES (?, ?, ?, clock_timestamp())"
                    + " ON CONFLICT (caller, request_id) DO UPDATE SET"
                    + " request_sha256 = excluded.request_sha256, answer = NULL,"
                    + " requested_at = excluded.requested_at"
                    + " WHERE known.requested_at < clock_timestamp() - interval '1 day'";

    private static final String KNOWN =
            "SELECT request_sha256, answer FROM registry_requests"
                    + " WHERE caller = ? AND request_id = ?";

    private static final String ANSWERED =
            "UPDATE registry_requests SET answer = ? WHERE caller = ? AND request_id = ?";

    /** What the triggers of the tables want to know; all of it ends with the transaction. */
    private static final String TELL =
            "SELECT set_config('ponix.changed_by', ?, true),"
                    + " set_config('ponix.request_id', ?, true),"
                    + " set_config('ponix.reason', ?, true),"
                    + " set_config('ponix.deadline', CASE WHEN ? > 0 THEN"
                    + " (clock_timestamp() + ? * interval '1 millisecond')::text"
                    + " ELSE '' END, true)";

    /**
     * The database counts from when it is told: told later than this it would take the deadline for
     * a later one, and is told again.
     */
    private static final Duration ON_THE_WAY = Duration.ofMillis(10);

    private static final int MOST_ATTEMPTS = 3;

    private final Database database;

    /** Changes what is registered in a database. */
    public RegistryChanges(Database database) {
        this.database = database;
    }

    /**
     * Makes a change and returns its answer, or the answer that the same request got before. Where
     * the request says {@code validate_only} nothing is changed, nor remembered.
     *
     * @param request may have the fields {@code request_id}, {@code reason} and {@code
     *     validate_only}
     * @param answer any message of the type of the answer
     * @param change makes the change on the connection of its transaction
     * @throws RequestException INVALID_ARGUMENT when another request had the same {@code
     *     request_id}, DEADLINE_EXCEEDED when the change was undone because nobody waits for it,
     *     and what the change throws
     */
    public <A extends Message> A make(Message request, A answer, Database.Work<A> change) {
        if (isTry(request)) {
            return tryOut(request, change);
        }
        String requestId = text(request, REQUEST_ID);
        return database.transaction(
                connection -> {
                    tell(connection, requestId, text(request, REASON));
                    if (requestId.isEmpty()) {
                        return change.with(connection);
                    }
                    return once(connection, requestId, request, answer, change);
                });
    }

    /** Whether a request asks what would be, and changes nothing. */
    public static boolean isTry(Message request) {
        FieldDescriptor field = request.getDescriptorForType().findFieldByName(VALIDATE_ONLY);
        return field != null && (Boolean) request.getField(field);
    }

    private <A extends Message> A tryOut(Message request, Database.Work<A> change) {
        return database.transaction(
                connection -> {
                    tell(connection, "", text(request, REASON));
                    A answer = change.with(connection);
                    connection.rollback();
                    return answer;
                });
    }

    private static <A extends Message> A once(
            Connection connection,
            String requestId,
            Message request,
            A answer,
            Database.Work<A> change)
            throws SQLException {
        String caller = Caller.current().keyId();
        byte[] hash = sha256(request);
        if (Sql.update(connection, CLAIM, caller, requestId, hash) == 0) {
            return known(connection, caller, requestId, hash, answer);
        }
        A made = change.with(connection);
        Sql.update(connection, ANSWERED, made.toByteArray(), caller, requestId);
        return made;
    }

    private static <A extends Message> A known(
            Connection connection, String caller, String requestId, byte[] hash, A answer)
            throws SQLException {
        try (var statement = connection.prepareStatement(KNOWN)) {
            statement.setString(1, caller);
            statement.setString(2, requestId);
            try (var rows = statement.executeQuery()) {
                if (!rows.next() || !Arrays.equals(hash, rows.getBytes(1))) {
                    throw RequestException.invalidArgument(
                                    REQUEST_ID,
                                    "Request ID "
                                            + requestId
                                            + " was that of another request within the last day:"
                                            + " give each request its own")
                            .because("REQUEST_ID_REUSED", Map.of(REQUEST_ID, requestId));
                }
                @SuppressWarnings("unchecked")
                A known = (A) answer.getParserForType().parseFrom(rows.getBytes(2));
                return known;
            }
        } catch (InvalidProtocolBufferException e) {
            throw RequestException.internal("Internal error: see the log of the service", e);
        }
    }

    private static void tell(Connection connection, String requestId, String reason)
            throws SQLException {
        boolean isInTime = false;
        for (int attempt = 0; attempt < MOST_ATTEMPTS && !isInTime; attempt++) {
            long before = System.nanoTime();
            long left = millisecondsLeft();
            Sql.query(
                    connection,
                    row -> row,
                    TELL,
                    Caller.current().keyId(),
                    requestId,
                    reason,
                    left,
                    left);
            isInTime = left == 0 || System.nanoTime() - before < ON_THE_WAY.toNanos();
        }
    }

    /**
     * Until the deadline of the call, less what it may take until the database is told; 0 where it
     * has none.
     */
    private static long millisecondsLeft() {
        ServiceRequestContext call = ServiceRequestContext.currentOrNull();
        if (call == null || call.requestTimeoutMillis() == 0) {
            return 0;
        }
        long since = System.nanoTime() - call.log().partial().requestStartTimeNanos();
        return Math.max(1, call.requestTimeoutMillis() - since / 1_000_000 - ON_THE_WAY.toMillis());
    }

    private static String text(Message request, String name) {
        FieldDescriptor field = request.getDescriptorForType().findFieldByName(name);
        return field == null ? "" : (String) request.getField(field);
    }

    /** Of equal requests of one method it is the same. */
    private static byte[] sha256(Message request) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(
                    request.getDescriptorForType().getFullName().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            var bytes = new ByteArrayOutputStream(request.getSerializedSize());
            CodedOutputStream output = CodedOutputStream.newInstance(bytes);
            output.useDeterministicSerialization();
            request.writeTo(output);
            output.flush();
            return digest.digest(bytes.toByteArray());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
