package io.ponix.deviceservice.http;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import io.grpc.Status;
import io.ponix.deviceservice.request.ErrorResponses;
import io.ponix.environment.AllowedHosts;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps web pages of others away from the service: refuses requests for names that are not its own,
 * and changes that pages of others ask for, and tells browsers to do nothing with an answer but
 * show it. There are no CORS headers: pages of others cannot read answers.
 */
public final class BrowserGuard extends SimpleDecoratingHttpService {

    private static final Set<HttpMethod> WITHOUT_EFFECT =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    /** Of answers that are no page. A page says what it needs itself. */
    private static final Map<String, String> HEADERS =
            Map.of(
                    "Content-Security-Policy",
                    "default-src 'none'; frame-ancestors 'none'",
                    "X-Content-Type-Options",
                    "nosniff",
                    "Referrer-Policy",
                    "no-referrer");

    private final AllowedHosts hosts;

    private BrowserGuard(HttpService delegate, AllowedHosts hosts) {
        super(delegate);
        this.hosts = hosts;
    }

    /** Adds it to all services of a server. */
    public static void addTo(ServerBuilder server, AllowedHosts hosts) {
        // A request without Host, which no browser sends, is one for this name to Armeria.
        server.defaultHostname("localhost").decorator(each -> new BrowserGuard(each, hosts));
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        context.mutateAdditionalResponseHeaders(headers -> HEADERS.forEach(headers::set));
        Optional<String> problem = problem(request.headers());
        if (problem.isEmpty()) {
            return unwrap().serve(context, request);
        }
        // Nobody waits for the rest of what is refused: who sends it slowly would keep the
        // connection for as long as there is more to come.
        if (!context.sessionProtocol().isMultiplex()) {
            context.initiateConnectionShutdown(Duration.ZERO);
        }
        return refusal(request.headers(), problem.get());
    }

    private Optional<String> problem(RequestHeaders headers) {
        if (!hosts.includes(headers.authority())) {
            return Optional.of(
                    "the service is not known by the name in Host; "
                            + AllowedHosts.VARIABLE
                            + " lists names that it has");
        }
        if (!WITHOUT_EFFECT.contains(headers.method())
                && !headers.getAll(HttpHeaderNames.ORIGIN).stream()
                        .allMatch(origin -> hosts.includesPage(origin, headers.authority()))) {
            return Optional.of(
                    "a web page of another origin may change nothing here; "
                            + AllowedHosts.VARIABLE
                            + " lists hosts whose pages may");
        }
        return Optional.empty();
    }

    /** In the form of all other errors: of gRPC, or in JSON. */
    private static HttpResponse refusal(RequestHeaders headers, String problem) {
        MediaType type = headers.contentType();
        Status.Code code = Status.Code.PERMISSION_DENIED;
        if (type != null && type.type().equals("application") && isGrpc(type.subtype())) {
            return HttpResponse.of(
                    ResponseHeaders.builder(HttpStatus.OK)
                            .contentType(type)
                            .add("grpc-status", Integer.toString(code.value()))
                            .add("grpc-message", problem)
                            .add(
                                    "grpc-status-details-bin",
                                    ErrorResponses.details(
                                            code.toStatus().withDescription(problem)))
                            .build());
        }
        return HttpResponse.of(
                HttpStatus.FORBIDDEN,
                MediaType.JSON_UTF_8,
                "{\"code\":%d,\"grpc-code\":\"%s\",\"message\":\"%s\"}"
                        .formatted(code.value(), code, problem));
    }

    private static boolean isGrpc(String subtype) {
        return subtype.equals("grpc") || subtype.startsWith("grpc+");
    }
}
