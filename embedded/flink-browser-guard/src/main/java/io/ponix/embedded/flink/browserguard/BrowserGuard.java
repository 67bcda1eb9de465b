package io.ponix.embedded.flink.browserguard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ponix.environment.AllowedHosts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.flink.shaded.netty4.io.netty.buffer.Unpooled;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelDuplexHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelFuture;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelFutureListener;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelPromise;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.DecoderResultProvider;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.DefaultFullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.FullHttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaderNames;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaderValues;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaders;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpMethod;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpRequest;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponse;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponseStatus;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpVersion;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.LastHttpContent;
import org.apache.flink.shaded.netty4.io.netty.util.ReferenceCountUtil;
import org.apache.flink.shaded.netty4.io.netty.util.concurrent.ScheduledFuture;

/**
 * Keeps web pages of others away from one connection of Flink's REST interface: refuses requests
 * for names that are not the JobManager's, and changes that pages of others ask for, and tells
 * browsers that no page may show the dashboard within itself. The rules are those of the device
 * service and of the bridge.
 *
 * <p>A refused request is answered at once. Nothing that comes after it is looked at, neither its
 * body nor another request, and the connection is closed when the body has come, or after {@value
 * #LONGEST_BODY_SECONDS} seconds.
 */
final class BrowserGuard extends ChannelDuplexHandler {

    private static final int LONGEST_BODY_SECONDS = 5;

    private static final Set<HttpMethod> WITHOUT_EFFECT =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    /** They cancel and stop a job by GET, for the dashboard. */
    private static final Pattern CHANGED_BY_GET = Pattern.compile(".*/yarn-(cancel|stop)/*");

    private static final CharSequence FETCH_SITE = "sec-fetch-site";

    private static final Set<String> SITES_OF_NO_OTHER_PAGE = Set.of("same-origin", "none");

    private final AllowedHosts hosts;

    /** The answer to the refused request; null as long as there is none. */
    private ChannelFuture refusal;

    BrowserGuard(AllowedHosts hosts) {
        this.hosts = hosts;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (refusal == null && message instanceof HttpRequest request) {
            problem(request).ifPresent(problem -> refuse(context, problem));
        }
        if (refusal == null) {
            context.fireChannelRead(message);
            return;
        }
        boolean hasEnded =
                message instanceof LastHttpContent
                        || message instanceof DecoderResultProvider part
                                && part.decoderResult().isFailure();
        ReferenceCountUtil.release(message);
        if (hasEnded) {
            refusal.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        Object answer = message;
        if (message instanceof FullHttpResponse whole) {
            // Netty has answers that all connections share, headers included: a copy of those.
            answer = restrict(whole.replace(whole.content()));
        } else if (message instanceof HttpResponse head) {
            answer = restrict(head);
        }
        context.write(answer, promise);
    }

    /** Says what browsers may do with an answer. The dashboard loads what it likes. */
    private static HttpResponse restrict(HttpResponse response) {
        response.headers()
                .set("Content-Security-Policy", "frame-ancestors 'none'")
                .set("X-Content-Type-Options", "nosniff")
                .set("Referrer-Policy", "no-referrer");
        return response;
    }

    private record Problem(HttpResponseStatus status, String message) {}

    private Optional<Problem> problem(HttpRequest request) {
        HttpHeaders headers = request.headers();
        List<String> named = headers.getAll(HttpHeaderNames.HOST);
        // What a server and a proxy before it may each understand in another way. Of a request that
        // cannot be read some headers may be missing.
        if (request.decoderResult().isFailure()
                || named.size() > 1
                || !request.uri().startsWith("/")) {
            return Optional.of(
                    new Problem(
                            HttpResponseStatus.BAD_REQUEST,
                            "the request cannot be read, is for no path, or has more than one Host"));
        }
        String host = named.isEmpty() ? null : named.get(0);
        if (!hosts.includes(host)) {
            return Optional.of(
                    new Problem(
                            HttpResponseStatus.FORBIDDEN,
                            "the JobManager is not known by the name in Host; "
                                    + BrowserGuardFactory.ALLOWED_HOSTS.key()
                                    + " in Flink's configuration lists names that it has"));
        }
        if (mayChangeSomething(request.method(), request.uri())
                && !isFromNoOtherPage(headers, host)) {
            return Optional.of(
                    new Problem(
                            HttpResponseStatus.FORBIDDEN,
                            "a web page of another origin may change nothing here; "
                                    + BrowserGuardFactory.ALLOWED_HOSTS.key()
                                    + " in Flink's configuration lists hosts whose pages may"));
        }
        return Optional.empty();
    }

    private static boolean mayChangeSomething(HttpMethod method, String target) {
        String path = target.split("[?#]", 2)[0];
        // Flink's router decodes a path more than once; only the dashboard has reason to encode
        // one.
        return !WITHOUT_EFFECT.contains(method)
                || path.contains("%")
                || CHANGED_BY_GET.matcher(path).matches();
    }

    /** By Origin, which a GET has only where the page is of another; then by Sec-Fetch-Site. */
    private boolean isFromNoOtherPage(HttpHeaders headers, String host) {
        List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
        return origins.isEmpty()
                ? SITES_OF_NO_OTHER_PAGE.containsAll(headers.getAll(FETCH_SITE))
                : origins.stream().allMatch(origin -> hosts.includesPage(origin, host));
    }

    private void refuse(ChannelHandlerContext context, Problem problem) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        problem.status(),
                        Unpooled.copiedBuffer(
                                "{\"errors\":[\"" + problem.message() + "\"]}", UTF_8));
        restrict(response)
                .headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json; charset=UTF-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        refusal = context.writeAndFlush(response);
        // Who is answered before the body has come, and finds the connection closed, may never read
        // the answer.
        ScheduledFuture<?> longest =
                context.executor()
                        .schedule(() -> context.close(), LONGEST_BODY_SECONDS, TimeUnit.SECONDS);
        context.channel().closeFuture().addListener(closed -> longest.cancel(false));
    }
}
