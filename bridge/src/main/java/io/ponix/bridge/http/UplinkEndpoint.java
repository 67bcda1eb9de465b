package io.ponix.bridge.http;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.ponix.bridge.intake.EnvelopeReader;
import io.ponix.bridge.intake.Reading;
import io.ponix.bridge.intake.ReceivedMessage;
import io.ponix.bridge.intake.Refusal;
import io.ponix.bridge.metrics.HttpMetrics;
import io.ponix.bridge.publish.Outcome;
import io.ponix.bridge.publish.UplinkStore;
import io.ponix.intake.IntakeMessage;
import io.ponix.intake.IntakePreset;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.uplink.v1.RefusalReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/gateways/{gateway_id}/uplinks}: what a sender posts becomes raw envelopes.
 *
 * <p><b>Guarantee.</b> 202 is answered after JetStream has stored all of it. 4xx: nothing is
 * stored, but what the gateway's intake does not understand is kept as a refused uplink, since few
 * senders try again. 429 and 503: the same request may be sent again, and within the stream's
 * duplicate window is stored once, whatever of it was stored the first time: an envelope's message
 * id is the one its sender gives it, or made of {@code Idempotency-Key}, or of the body.
 */
final class UplinkEndpoint extends Handler.Abstract.NonBlocking {

    private static final Logger LOG = LoggerFactory.getLogger(UplinkEndpoint.class);

    /** Of one body, in bytes. */
    static final int LARGEST_BODY = 1 << 20;

    private static final Duration BODY_WITHIN = Duration.ofSeconds(30);

    /** In bytes; a sender of more may find the connection closed, and no answer. */
    private static final int LARGEST_UNWANTED = 32 << 20;

    private static final Duration STORED_WITHIN = Duration.ofSeconds(10);
    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    private static final String ANSWER_TYPE = "application/json";

    /** What says who the sender is, and is nobody else's business. */
    private static final Set<String> SECRET_HEADERS =
            Set.of("authorization", "x-api-key", "cookie", "proxy-authorization");

    private final KnownGateways gateways;
    private final UplinkStore store;
    private final EnvelopeReader envelopes;
    private final BooleanSupplier canStore;
    private final HttpMetrics metrics;
    private final RequestsUnderWay underWay = new RequestsUnderWay();

    /**
     * @param canStore whether NATS is there
     */
    UplinkEndpoint(
            KnownGateways gateways,
            UplinkStore store,
            BooleanSupplier canStore,
            HttpMetrics metrics) {
        this.gateways = gateways;
        this.store = store;
        this.envelopes = new EnvelopeReader(store::maxPayload);
        this.canStore = canStore;
        this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = request.getHttpURI().getPath();
        if (!UplinkTarget.isOne(path)) {
            return false;
        }
        long since = System.nanoTime();
        String gatewayId = "";
        try {
            UplinkTarget target = UplinkTarget.parse(path, request.getHttpURI().getQuery());
            if (!HttpMethod.POST.is(request.getMethod())) {
                response.getHeaders().put(HttpHeader.ALLOW, HttpMethod.POST.asString());
                throw HttpProblem.methodNotAllowed();
            }
            if (!gateways.areKnown()) {
                throw HttpProblem.unavailable(
                        "the bridge does not know the gateways yet: send it again");
            }
            Gateway gateway =
                    GatewayKeys.require(gateways.find(target.gatewayId()), request.getHeaders());
            gatewayId = gateway.getGatewayId();
            if (request.getHeaders().contains(HttpHeader.CONTENT_ENCODING)) {
                throw HttpProblem.unsupported("Content-Encoding is not known: send it as it is");
            }
            if (!canStore.getAsBoolean()) {
                throw HttpProblem.unavailable("NATS is away: nothing is stored, send it again");
            }
            take(request, response, callback, gateway, target, since);
        } catch (HttpProblem problem) {
            refuse(request, response, callback, gatewayId, problem);
        }
        return true;
    }

    private void take(
            Request request,
            Response response,
            Callback callback,
            Gateway gateway,
            UplinkTarget target,
            long since)
            throws HttpProblem {
        String gatewayId = gateway.getGatewayId();
        int room = underWay.begin(gatewayId, request.getLength());
        RequestBody.read(request, LARGEST_BODY)
                .orTimeout(BODY_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                .handle(
                        (body, failure) -> {
                            if (failure instanceof TimeoutException) {
                                throw new CompletionException(
                                        HttpProblem.tooSlow(BODY_WITHIN.toSeconds()));
                            }
                            if (failure != null) {
                                throw new CompletionException(failure);
                            }
                            return body;
                        })
                .thenCompose(body -> read(request, gateway, target, body))
                .thenCompose(reading -> store.store(reading, STORED_WITHIN))
                .whenComplete(
                        (outcome, failure) -> {
                            underWay.end(gatewayId, room);
                            if (failure == null) {
                                answer(request, response, callback, gatewayId, outcome, since);
                            } else {
                                fail(request, response, callback, gatewayId, failure);
                            }
                        });
    }

    private void fail(
            Request request,
            Response response,
            Callback callback,
            String gatewayId,
            Throwable failure) {
        HttpProblem problem = problem(failure, gatewayId);
        if (problem.code() == HttpStatus.PAYLOAD_TOO_LARGE_413) {
            refuse(request, response, callback, gatewayId, problem);
        } else {
            answer(request, response, callback, gatewayId, problem);
        }
    }

    /** Answers one whose body was not asked for, once it has come: few senders listen before. */
    private void refuse(
            Request request,
            Response response,
            Callback callback,
            String gatewayId,
            HttpProblem problem) {
        RequestBody.discard(request, LARGEST_UNWANTED)
                .thenAccept(whole -> answer(request, response, callback, gatewayId, problem));
    }

    private CompletableFuture<Reading> read(
            Request request, Gateway gateway, UplinkTarget target, byte[] body) {
        if (target.device().isEmpty()
                && gateway.getIntakePreset().equals(IntakePreset.RAW.presetName())) {
            // It would be ignored, and the sender would think it was stored.
            return CompletableFuture.failedFuture(
                    HttpProblem.invalid(
                            "the gateway's preset raw has the device from the topic of MQTT: post"
                                    + " the bytes to /v1/gateways/{gateway_id}/uplinks/devices/"
                                    + "{external_id}"));
        }
        ReceivedMessage message =
                new ReceivedMessage(
                        new IntakeMessage(target.rest(), body, headers(request), Instant.now()),
                        Optional.of(messageId(request, target, body)),
                        Map.of());
        if (target.device().isEmpty()
                && gateway.getIntakeCase() != Gateway.IntakeCase.INTAKE_NOT_SET) {
            return store.read(gateway, message);
        }
        try {
            Reading reading = envelopes.read(gateway, message, sent(request, target, body));
            // The sender is told, and has it still.
            if (reading.refusal().isPresent()) {
                metrics.refused(gateway.getGatewayId(), reading.refusal().get().reason());
                throw problem(reading.refusal().get());
            }
            return CompletableFuture.completedFuture(reading);
        } catch (HttpProblem problem) {
            return CompletableFuture.failedFuture(problem);
        }
    }

    private static List<EnvelopeReader.Sent> sent(Request request, UplinkTarget target, byte[] body)
            throws HttpProblem {
        if (target.device().isEmpty()) {
            if (!target.rest().isEmpty()) {
                throw HttpProblem.notFound();
            }
            return EnvelopeBody.read(request.getHeaders().get(HttpHeader.CONTENT_TYPE), body);
        }
        return List.of(
                new EnvelopeReader.Sent(
                        "",
                        RawEnvelope.newBuilder()
                                .setExternalId(target.device().get())
                                .setFPort(target.fPort())
                                .setPayload(ByteString.copyFrom(body))
                                .build()));
    }

    private static Map<String, String> headers(Request request) {
        Map<String, String> headers = new HashMap<>();
        for (HttpField field : request.getHeaders()) {
            String name = field.getName().toLowerCase(Locale.ROOT);
            if (!SECRET_HEADERS.contains(name) && field.getValue() != null) {
                headers.putIfAbsent(name, field.getValue());
            }
        }
        return headers;
    }

    /** The same for the same request, and another for every other. */
    private static String messageId(Request request, UplinkTarget target, byte[] body) {
        String given = request.getHeaders().get(IDEMPOTENCY_KEY);
        // An empty one tells nothing from anything.
        if (given != null && !given.isBlank()) {
            return "key " + given;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(target.rest().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) '\n');
            return "body " + HexFormat.of().formatHex(digest.digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has this algorithm", e);
        }
    }

    private static HttpProblem problem(Refusal refusal) {
        return refusal.reason() == RefusalReason.REFUSAL_REASON_TOO_LARGE
                ? HttpProblem.tooLarge(refusal.message())
                : HttpProblem.invalid(refusal.message());
    }

    private static HttpProblem problem(Throwable failure, String gatewayId) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof HttpProblem problem) {
            return problem;
        }
        if (cause instanceof TimeoutException) {
            return HttpProblem.unavailable(
                    "NATS JetStream has not stored it within "
                            + STORED_WITHIN.toSeconds()
                            + " s: send it again");
        }
        if (cause instanceof IOException) {
            // The sender is gone, and is not answered.
            return HttpProblem.invalid("the body ended too early");
        }
        LOG.error("A request to gateway {} failed", gatewayId, cause);
        return HttpProblem.internal();
    }

    private void answer(
            Request request,
            Response response,
            Callback callback,
            String gatewayId,
            Outcome outcome,
            long since) {
        if (outcome.refusal().isPresent()) {
            metrics.refused(gatewayId, outcome.refusal().get().reason());
            answer(request, response, callback, gatewayId, problem(outcome.refusal().get()));
            return;
        }
        JsonArray sequences = new JsonArray();
        int duplicates = 0;
        for (Outcome.Stored stored : outcome.stored()) {
            sequences.add(stored.sequence());
            duplicates += stored.duplicate() ? 1 : 0;
        }
        JsonObject body = new JsonObject();
        body.add("sequences", sequences);
        body.addProperty("duplicates", duplicates);
        body.addProperty("ignored", outcome.isIgnored() ? 1 : 0);
        metrics.done(gatewayId, outcome, Duration.ofNanos(System.nanoTime() - since));
        metrics.answered(gatewayId, HttpStatus.ACCEPTED_202);
        response.setStatus(HttpStatus.ACCEPTED_202);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, ANSWER_TYPE);
        Content.Sink.write(response, true, body + "\n", callback);
    }

    private void answer(
            Request request,
            Response response,
            Callback callback,
            String gatewayId,
            HttpProblem problem) {
        metrics.answered(gatewayId, problem.code());
        RequestBody.closeUnlessRead(request, response);
        response.setStatus(problem.code());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, ANSWER_TYPE);
        if (problem.retryAfterSeconds() > 0) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, problem.retryAfterSeconds());
        }
        if (problem.code() == HttpStatus.UNAUTHORIZED_401) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        }
        Content.Sink.write(response, true, problem.json(), callback);
    }
}
