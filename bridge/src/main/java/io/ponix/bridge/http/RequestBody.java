package io.ponix.bridge.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** Reads the body of a request, up to a limit, without a thread that waits for it. */
final class RequestBody {

    /** Of a body that is refused whatever is in it. */
    private static final Duration UNWANTED_WITHIN = Duration.ofSeconds(2);

    private final Request request;
    private final int limit;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();

    private RequestBody(Request request, int limit) {
        this.request = request;
        this.limit = limit;
    }

    /**
     * Reads it.
     *
     * @param limit in bytes
     * @return completed exceptionally with an {@link HttpProblem} where there is more, and with
     *     what happened to the connection where that ended
     */
    static CompletableFuture<byte[]> read(Request request, int limit) {
        RequestBody body = new RequestBody(request, limit);
        if (request.getLength() > limit) {
            body.whole.completeExceptionally(tooLarge(limit));
        } else {
            body.readOn();
        }
        return body.whole;
    }

    /**
     * Reads what is still to come, and keeps nothing: a sender that is answered and cut off while
     * it sends may never see the answer (RFC 9112, 9.6).
     *
     * @param limit in bytes
     * @return whether it has come whole; false at once where it is longer, and where the sender
     *     waits for being asked for it, and after 2 s
     */
    static CompletableFuture<Boolean> discard(Request request, int limit) {
        CompletableFuture<Boolean> whole = new CompletableFuture<>();
        if (request.getLength() > limit
                || request.getHeaders()
                        .contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString())) {
            whole.complete(false);
        } else {
            discardOn(request, limit, whole);
        }
        return whole.completeOnTimeout(false, UNWANTED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Jetty ends the connection of a body that has not come whole. Who is not told would send the
     * next request there, and get no answer.
     */
    static void closeUnlessRead(Request request, Response response) {
        if (!request.consumeAvailable()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
    }

    private static void discardOn(Request request, long limit, CompletableFuture<Boolean> whole) {
        long left = limit;
        while (!whole.isDone()) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                long then = left;
                request.demand(() -> discardOn(request, then, whole));
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                whole.complete(false);
                return;
            }
            left -= chunk.remaining();
            boolean last = chunk.isLast();
            chunk.release();
            if (left < 0) {
                whole.complete(false);
            } else if (last) {
                whole.complete(true);
            }
        }
    }

    private void readOn() {
        while (!whole.isDone()) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(this::readOn);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                whole.completeExceptionally(chunk.getFailure());
                return;
            }
            ByteBuffer buffer = chunk.getByteBuffer();
            if (bytes.size() + buffer.remaining() > limit) {
                chunk.release();
                whole.completeExceptionally(tooLarge(limit));
                return;
            }
            byte[] part = new byte[buffer.remaining()];
            buffer.get(part);
            bytes.write(part, 0, part.length);
            boolean last = chunk.isLast();
            chunk.release();
            if (last) {
                whole.complete(bytes.toByteArray());
            }
        }
    }

    private static HttpProblem tooLarge(int limit) {
        return HttpProblem.tooLarge(
                "the body has more than " + limit + " bytes: send it in several requests");
    }
}
