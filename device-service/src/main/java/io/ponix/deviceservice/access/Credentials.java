package io.ponix.deviceservice.access;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.ApiKeyRow;
import java.util.List;
import java.util.Optional;

/**
 * Who holds a credential. May wait for the {@linkplain KnownKeys keys} to be read, so it is asked
 * on threads that may.
 */
final class Credentials {

    private static final String SCHEME = "bearer ";

    private static final String NOBODYS = "0".repeat(64);

    private final KnownKeys keys;
    private final KeyUse use;
    private final Optional<Tokens> tokens;

    /**
     * @param tokens of an issuer, if any are taken
     */
    Credentials(KnownKeys keys, KeyUse use, Optional<Tokens> tokens) {
        this.keys = keys;
        this.use = use;
        this.tokens = tokens;
    }

    /**
     * The holder of what headers {@code authorization} show; nobody where it is neither a valid key
     * nor a valid token, or there are two: whoever stands before the service may have looked at the
     * other one.
     *
     * @throws RequestException when the database does not tell
     */
    Optional<Caller> ofAuthorization(List<String> headers) {
        return headers.size() == 1
                ? bearer(headers.get(0)).flatMap(this::holder)
                : Optional.empty();
    }

    /** The credential that a header {@code authorization} shows. */
    static Optional<String> bearer(String header) {
        return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(header.substring(SCHEME.length()).strip())
                : Optional.empty();
    }

    /** The id of the key that a header or a cookie shows, valid or not; empty where it is none. */
    static String keyId(String shown) {
        return ApiKey.parse(bearer(shown).orElse(shown)).map(ApiKey::id).orElse("");
    }

    /**
     * The holder of a key or a token.
     *
     * @throws RequestException when the database does not tell
     */
    Optional<Caller> holder(String credential) {
        return Tokens.isOne(credential)
                ? tokens.flatMap(each -> each.holder(credential))
                : ofKey(credential);
    }

    private Optional<Caller> ofKey(String text) {
        Optional<ApiKeyRow> held = ApiKey.parse(text).flatMap(this::held);
        held.ifPresent(
                row ->
                        use.note(
                                row.keyId(),
                                ServiceRequestContext.current().blockingTaskExecutor()));
        return held.map(
                row ->
                        new Caller(
                                row.keyId(),
                                row.name(),
                                row.organizationId(),
                                row.role(),
                                row.expiresAt()));
    }

    private Optional<ApiKeyRow> held(ApiKey key) {
        Optional<ApiKeyRow> row = keys.find(key.id());
        // Compared also where there is none, so that the time tells no ids.
        boolean isRight =
                Secret.isOf(key.secret(), row.map(ApiKeyRow::secretSha256).orElse(NOBODYS));
        return isRight ? row : Optional.empty();
    }
}
