package io.ponix.bridge.http;

import io.ponix.environment.AllowedHosts;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Keeps web pages of others away: refuses requests for names that are not the bridge's, and changes
 * that pages of others ask for, and tells browsers to do nothing with an answer but show it. There
 * are no CORS headers: pages of others cannot read answers.
 */
final class BrowserGuard extends Handler.Wrapper {

    private static final Set<String> WITHOUT_EFFECT = Set.of("GET", "HEAD", "OPTIONS");

    private final AllowedHosts hosts;

    BrowserGuard(AllowedHosts hosts, Handler handler) {
        super(handler);
        this.hosts = hosts;
    }

    /** Says what browsers may do with an answer. */
    static void restrict(Response response) {
        response.getHeaders()
                .put("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                .put("X-Content-Type-Options", "nosniff")
                .put("Referrer-Policy", "no-referrer");
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        restrict(response);
        Optional<String> problem = problem(request);
        if (problem.isEmpty()) {
            return super.handle(request, response, callback);
        }
        // As with what is refused elsewhere: few senders listen before the body has gone.
        RequestBody.discard(request, UplinkEndpoint.LARGEST_BODY)
                .thenAccept(
                        whole ->
                                Response.writeError(
                                        request,
                                        response,
                                        callback,
                                        HttpStatus.FORBIDDEN_403,
                                        problem.get()));
        return true;
    }

    private Optional<String> problem(Request request) {
        HttpFields headers = request.getHeaders();
        String host = headers.get(HttpHeader.HOST);
        // An uplink has a key, which a page that has made its name lead here has not; webhooks come
        // by whatever name the bridge, or a proxy before it, has for them.
        if (!UplinkTarget.isOne(request.getHttpURI().getPath()) && !hosts.includes(host)) {
            return Optional.of(
                    "the bridge is not known by the name in Host; "
                            + AllowedHosts.VARIABLE
                            + " lists names that it has");
        }
        if (!WITHOUT_EFFECT.contains(request.getMethod())
                && !headers.getValuesList(HttpHeader.ORIGIN).stream()
                        .allMatch(origin -> hosts.includesPage(origin, host))) {
            return Optional.of(
                    "a web page of another origin may change nothing here; "
                            + AllowedHosts.VARIABLE
                            + " lists hosts whose pages may");
        }
        return Optional.empty();
    }
}
