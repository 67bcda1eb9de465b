package io.ponix.cli.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.nats.client.NUID;
import io.ponix.cli.program.CommandException;
import io.ponix.client.tls.TlsException;
import io.ponix.client.tls.TlsSettings;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;

/**
 * Posts readings to a gateway of the bridge, as JSON over connections that are kept. Acknowledged
 * is what the bridge has answered 202: it is in the stream then.
 *
 * <p>Every request has an {@code Idempotency-Key}, under which one that was not answered, or
 * answered 429 or 503, is posted again: within the stream's duplicate window its readings are
 * stored once. After 429 and 503 that is not before {@code Retry-After} has passed.
 */
public final class HttpPublisher implements ReadingPublisher {

    /** Of one gateway the bridge has 256 under way at most. */
    private static final int REQUESTS_IN_FLIGHT = 64;

    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(5);

    /** How soon after its making a bridge knows of a key. */
    private static final Duration KEY_KNOWN_WITHIN = Duration.ofSeconds(10);

    private static final Duration PAUSE_FOR_KEY = Duration.ofMillis(200);
    private static final Duration LEAST_RETRY_AFTER = Duration.ofSeconds(1);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI uplinks;
    private final String key;
    private final int readingsPerRequest;
    private final LongConsumer acknowledged;
    private final HttpClient client;
    private final Publications<List<Long>> publications;
    private final JsonFormat.Printer printer =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();
    private final List<RawEnvelope> collected = new ArrayList<>();
    private final String idPrefix = NUID.nextGlobal();
    private final long created = System.nanoTime();
    private long posted;

    /**
     * Looks whether the bridge is there.
     *
     * @param uplinksUrl {@code http://host:port/v1/gateways/GATEWAY_ID/uplinks}, or https
     * @param trust whom to trust there
     * @param key a secret of that gateway
     * @param readingsPerRequest at least 1; of several each is a line
     * @param acknowledged told the stream sequence of every reading that is stored, in the order
     *     they were published
     * @param patience how long a request is repeated before it counts as refused
     * @throws CommandException when there is no bridge, or whom to trust cannot be read
     */
    public HttpPublisher(
            String uplinksUrl,
            TlsSettings trust,
            String key,
            int readingsPerRequest,
            LongConsumer acknowledged,
            Duration patience) {
        this.uplinks = URI.create(uplinksUrl);
        this.key = key;
        this.readingsPerRequest = readingsPerRequest;
        this.acknowledged = acknowledged;
        this.client = client(trust);
        this.publications = new Publications<>(REQUESTS_IN_FLIGHT, patience, this::refused);
        try {
            client.send(
                    HttpRequest.newBuilder(uplinks.resolve("/health"))
                            .timeout(ANSWERED_WITHIN)
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            throw new CommandException(
                    "the bridge at " + uplinks.getAuthority() + " does not answer: " + reason(e),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static HttpClient client(TlsSettings trust) {
        try {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(ANSWERED_WITHIN)
                    .sslContext(trust.context())
                    .build();
        } catch (TlsException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    private CommandException refused(Throwable cause) {
        return new CommandException(
                "the bridge did not take a reading at " + uplinks + ": " + reason(cause), cause);
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    @Override
    public void publish(RawEnvelope envelope) {
        collected.add(envelope);
        if (collected.size() == readingsPerRequest) {
            post();
        }
    }

    private void post() {
        int readings = collected.size();
        HttpRequest request =
                HttpRequest.newBuilder(uplinks)
                        .timeout(ANSWERED_WITHIN)
                        .header("X-API-Key", key)
                        .header("Idempotency-Key", idPrefix + "-" + posted++)
                        .header(
                                "Content-Type",
                                readings == 1 ? "application/json" : "application/x-ndjson")
                        .POST(HttpRequest.BodyPublishers.ofString(lines()))
                        .build();
        collected.clear();
        publications.add(
                () -> send(request, readings), sequences -> sequences.forEach(this::stored));
    }

    private void stored(long sequence) {
        acknowledged.accept(sequence);
    }

    private String lines() {
        StringBuilder lines = new StringBuilder();
        try {
            for (RawEnvelope envelope : collected) {
                printer.appendTo(envelope, lines);
                lines.append('\n');
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("An envelope has no fields of an unknown type", e);
        } catch (IOException e) {
            throw new IllegalStateException("A StringBuilder takes everything", e);
        }
        return lines.toString();
    }

    private CompletableFuture<List<Long>> send(HttpRequest request, int readings) {
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenApply(
                        response -> {
                            try {
                                return sequences(response, readings);
                            } catch (IOException | RetryLaterException e) {
                                throw new CompletionException(e);
                            }
                        });
    }

    /** What it says of a request: stored, later, or never. */
    private List<Long> sequences(HttpResponse<String> response, int readings)
            throws IOException, RetryLaterException {
        int status = response.statusCode();
        if (status == 202) {
            List<Long> sequences = new ArrayList<>(readings);
            JSON.readTree(response.body())
                    .path("sequences")
                    .forEach(sequence -> sequences.add(sequence.asLong()));
            if (sequences.size() != readings) {
                throw refused(
                        new IOException(
                                "of %d readings it stored %d; has the gateway an intake?"
                                        .formatted(readings, sequences.size())));
            }
            return sequences;
        }
        String problem = status + " " + message(response.body());
        switch (status) {
            case 429, 503 -> throw new RetryLaterException(problem, retryAfter(response));
            case 401 -> {
                if (System.nanoTime() - created < KEY_KNOWN_WITHIN.toNanos()) {
                    throw new RetryLaterException(problem, PAUSE_FOR_KEY);
                }
                throw refused(new IOException(problem));
            }
            default -> {
                if (status == 408 || status >= 500) {
                    throw new IOException(problem);
                }
                throw refused(new IOException(problem));
            }
        }
    }

    /** The bridge says seconds, and no date. */
    private static Duration retryAfter(HttpResponse<String> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(seconds -> seconds.matches("[0-9]{1,4}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .orElse(LEAST_RETRY_AFTER);
    }

    private static String message(String body) {
        try {
            JsonNode message = JSON.readTree(body).path("error").path("message");
            return message.isTextual() ? message.textValue() : body;
        } catch (JsonProcessingException e) {
            return body;
        }
    }

    @Override
    public void flush() {
        if (!collected.isEmpty()) {
            post();
        }
        publications.flush();
    }

    /** Its connections end by themselves. */
    @Override
    public void close() {
        collected.clear();
    }
}
