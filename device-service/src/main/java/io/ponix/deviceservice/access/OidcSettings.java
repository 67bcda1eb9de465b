package io.ponix.deviceservice.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whose tokens are taken beside keys: those of one OpenID Connect issuer, for this service.
 *
 * @param issuer as the tokens' claim {@code iss} has it
 * @param audience what the claim {@code aud} has to name
 * @param jwksUrl where the issuer's public keys are
 * @param organizationClaim names the holder's organization
 * @param roleClaim names the holder's role
 */
public record OidcSettings(
        String issuer, String audience, URI jwksUrl, String organizationClaim, String roleClaim) {

    /** The environment variables, with what they mean and their defaults. */
    public enum Variable {
        PONIX_OIDC_ISSUER(
                "", "OpenID Connect issuer whose tokens (JWT) are taken beside keys; absent: none"),
        PONIX_OIDC_AUDIENCE("", "what their claim aud has to name"),
        PONIX_OIDC_JWKS_URL("", "https URL of the issuer's keys (jwks_uri of its discovery)"),
        PONIX_OIDC_ORGANIZATION_CLAIM("ponix_organization", "claim with the holder's organization"),
        PONIX_OIDC_ROLE_CLAIM(
                "ponix_role", "claim with the role: operator, admin, editor, viewer or intake");

        private final String byDefault;
        private final String meaning;

        Variable(String byDefault, String meaning) {
            this.byDefault = byDefault;
            this.meaning = meaning;
        }

        /** What holds where nothing is said; empty where that is nothing. */
        public String byDefault() {
            return byDefault;
        }

        /** For help texts. */
        public String meaning() {
            return meaning;
        }

        private String in(Map<String, String> environment) {
            String value = environment.getOrDefault(name(), "").strip();
            return value.isEmpty() ? byDefault : value;
        }
    }

    private static final List<Variable> NEEDED =
            List.of(
                    Variable.PONIX_OIDC_ISSUER,
                    Variable.PONIX_OIDC_AUDIENCE,
                    Variable.PONIX_OIDC_JWKS_URL);

    private static final Set<String> SECURE_SCHEMES = Set.of("https");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /**
     * Reads the settings; empty where no issuer is named.
     *
     * @throws IllegalArgumentException when only some of what is needed is set, or the URL is none,
     *     or one by which anyone on the way could put in keys of his own; the message names the
     *     variable
     */
    public static Optional<OidcSettings> fromEnvironment(Map<String, String> environment) {
        List<Variable> missing =
                NEEDED.stream().filter(variable -> variable.in(environment).isEmpty()).toList();
        if (missing.size() == NEEDED.size()) {
            return Optional.empty();
        }
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    missing.get(0)
                            + " is missing: "
                            + NEEDED.stream().map(Enum::name).collect(Collectors.joining(", "))
                            + " go together");
        }
        return Optional.of(
                new OidcSettings(
                        Variable.PONIX_OIDC_ISSUER.in(environment),
                        Variable.PONIX_OIDC_AUDIENCE.in(environment),
                        url(Variable.PONIX_OIDC_JWKS_URL.in(environment)),
                        Variable.PONIX_OIDC_ORGANIZATION_CLAIM.in(environment),
                        Variable.PONIX_OIDC_ROLE_CLAIM.in(environment)));
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text);
            if (url.getHost() != null
                    && (SECURE_SCHEMES.contains(url.getScheme())
                            || "http".equals(url.getScheme())
                                    && LOOPBACK.contains(url.getHost()))) {
                return url;
            }
        } catch (URISyntaxException e) {
            // Told below, as what is a URL of another kind.
        }
        throw new IllegalArgumentException(
                Variable.PONIX_OIDC_JWKS_URL
                        + " must be a URL that begins with https:// (http:// on this machine), not '"
                        + text
                        + "'");
    }

    /** Returns the names of the environment variables. */
    public static List<String> variables() {
        return Arrays.stream(Variable.values()).map(Variable::name).toList();
    }
}
