package io.ponix.deviceservice.access;

import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.ponix.deviceservice.request.RequestException;
import java.util.List;
import java.util.Optional;

/**
 * Lets people sign in to the page: POST with a key as {@code authorization: Bearer …} makes a
 * cookie of it, which no script can read and no other site can have sent; DELETE takes it away. The
 * key is looked at with every call, as any other: one that is revoked ends the session.
 */
final class SignIn extends AbstractHttpService {

    private static final String COOKIE = "ponix_key";
    private static final String NOBODY = "";

    private static final String METHOD = "POST /session";

    private final Credentials credentials;
    private final AuditLog audit;

    SignIn(Credentials credentials, AuditLog audit) {
        this.credentials = credentials;
        this.audit = audit;
    }

    /** The key that headers {@code cookie} show; empty where they show none, or two. */
    static Optional<String> keyIn(Iterable<String> headers) {
        List<String> keys =
                Cookie.fromCookieHeaders(headers).stream()
                        .filter(cookie -> cookie.name().equals(COOKIE))
                        .map(Cookie::value)
                        .filter(key -> !key.equals(NOBODY))
                        .toList();
        return keys.size() == 1 ? Optional.of(keys.get(0)) : Optional.empty();
    }

    @Override
    protected HttpResponse doPost(ServiceRequestContext context, HttpRequest request) {
        return HttpResponse.of(
                () -> {
                    try {
                        List<String> given =
                                request.headers().getAll(HttpHeaderNames.AUTHORIZATION);
                        if (credentials.ofAuthorization(given).isPresent()) {
                            return answer(
                                    request.headers(),
                                    Credentials.bearer(given.get(0)).orElseThrow());
                        }
                        audit.refused(
                                METHOD,
                                given.isEmpty()
                                        ? AuditLog.Refusal.NO_CREDENTIAL
                                        : AuditLog.Refusal.BAD_CREDENTIAL,
                                given.isEmpty() ? "" : Credentials.keyId(given.get(0)));
                        return HttpResponse.of(
                                ResponseHeaders.of(
                                        HttpStatus.UNAUTHORIZED,
                                        HttpHeaderNames.WWW_AUTHENTICATE,
                                        "Bearer"));
                    } catch (RequestException e) {
                        return HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE);
                    }
                },
                context.blockingTaskExecutor());
    }

    @Override
    protected HttpResponse doDelete(ServiceRequestContext context, HttpRequest request) {
        return answer(request.headers(), NOBODY);
    }

    private static HttpResponse answer(RequestHeaders request, String key) {
        boolean isTls =
                "https".equals(request.scheme())
                        || "https".equals(request.get(HttpHeaderNames.X_FORWARDED_PROTO));
        var cookie =
                Cookie.secureBuilder(COOKIE, key)
                        .path("/")
                        .httpOnly(true)
                        .sameSite("Strict")
                        .secure(isTls);
        if (key.equals(NOBODY)) {
            cookie.maxAge(0);
        }
        return HttpResponse.of(
                ResponseHeaders.of(
                        HttpStatus.NO_CONTENT,
                        HttpHeaderNames.SET_COOKIE,
                        cookie.build().toSetCookieHeader(),
                        HttpHeaderNames.CACHE_CONTROL,
                        "no-store"));
    }
}
