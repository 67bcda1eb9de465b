package io.ponix.deviceservice.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.access.v1.Role;
import java.net.MalformedURLException;
import java.text.ParseException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens (JWT, RFC 7519) of an OpenID Connect issuer.
 *
 * <p>A token is taken that is signed by a key of the issuer's, by an algorithm of those with a
 * public key; whose {@code iss} is the issuer and whose {@code aud} names this service; and that is
 * neither expired nor not valid yet, give or take {@value #CLOCK_SKEW_SECONDS} s. The issuer's keys
 * are fetched when a token names one that is not known, at most twice in {@value
 * #BETWEEN_FETCHES_SECONDS} s, and are kept for an hour while it does not answer.
 */
final class Tokens {

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

    private static final int CLOCK_SKEW_SECONDS = 60;
    private static final int BETWEEN_FETCHES_SECONDS = 30;

    private static final Duration KEYS_ARE_FRESH = Duration.ofMinutes(5);
    private static final Duration KEYS_ARE_KEPT = Duration.ofHours(1);

    /** A call whose token's key is not known waits no longer. */
    private static final int LONGEST_FETCH_MILLIS = 2_000;

    private static final int MOST_KEY_BYTES = 256 << 10;

    /**
     * So many tokens are looked at at once, as each may have to wait for a fetch: most of the
     * threads that answer calls remain for those who show a key.
     */
    private static final int MOST_AT_ONCE = 32;

    /** How long a token waits for its turn: many times as long as to look at one takes. */
    private static final Duration TURN_WITHIN = Duration.ofMillis(100);

    private static final Duration BETWEEN_WARNINGS = Duration.ofSeconds(10);

    /** None by which who knows the public key could sign, and not {@code none}. */
    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(
                    JWSAlgorithm.RS256,
                    JWSAlgorithm.RS384,
                    JWSAlgorithm.RS512,
                    JWSAlgorithm.PS256,
                    JWSAlgorithm.PS384,
                    JWSAlgorithm.PS512,
                    JWSAlgorithm.ES256,
                    JWSAlgorithm.ES384,
                    JWSAlgorithm.ES512);

    private final OidcSettings settings;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final Semaphore turns = new Semaphore(MOST_AT_ONCE);
    private final AtomicLong warned =
            new AtomicLong(System.nanoTime() - BETWEEN_WARNINGS.toNanos());

    /** Fetches nothing yet. */
    Tokens(OidcSettings settings) {
        this.settings = settings;
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys(settings)));
        DefaultJWTClaimsVerifier<SecurityContext> claims =
                new DefaultJWTClaimsVerifier<>(
                        settings.audience(),
                        new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
                        Set.of("sub", "exp"));
        claims.setMaxClockSkew(CLOCK_SKEW_SECONDS);
        processor.setJWTClaimsSetVerifier(claims);
    }

    private static JWKSource<SecurityContext> keys(OidcSettings settings) {
        try {
            return JWKSourceBuilder.create(
                            settings.jwksUrl().toURL(),
                            new DefaultResourceRetriever(
                                    LONGEST_FETCH_MILLIS, LONGEST_FETCH_MILLIS, MOST_KEY_BYTES))
                    .cache(KEYS_ARE_FRESH.toMillis(), LONGEST_FETCH_MILLIS)
                    .rateLimited(BETWEEN_FETCHES_SECONDS * 1_000L)
                    .outageTolerant(KEYS_ARE_KEPT.toMillis())
                    .build();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(
                    OidcSettings.Variable.PONIX_OIDC_JWKS_URL + " is no URL: " + e.getMessage(), e);
        }
    }

    /** Whether a credential looks like a token, so that no key is. */
    static boolean isOne(String credential) {
        return credential.chars().filter(each -> each == '.').count() == 2;
    }

    /**
     * The holder of a token, who may do nothing where its claims name no role and organization.
     *
     * @throws RequestException when too many wait for the issuer's keys
     */
    Optional<Caller> holder(String token) {
        boolean isItsTurn = false;
        try {
            isItsTurn = turns.tryAcquire(TURN_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            if (!isItsTurn) {
                throw RequestException.unavailable(
                        "Many tokens wait for the keys of their issuer: call again", null);
            }
            return Optional.of(caller(processor.process(token, null)));
        } catch (ParseException | BadJOSEException e) {
            LOG.debug("A token is refused", e);
        } catch (JOSEException e) {
            // The issuer's keys cannot be had, or one of them is none.
            warn(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RequestException.unavailable("The service stops", e);
        } finally {
            if (isItsTurn) {
                turns.release();
            }
        }
        return Optional.empty();
    }

    /** Now and then, however many tokens come meanwhile. */
    private void warn(JOSEException e) {
        long now = System.nanoTime();
        long last = warned.get();
        if (now - last >= BETWEEN_WARNINGS.toNanos() && warned.compareAndSet(last, now)) {
            LOG.warn(
                    "No token can be looked at: {} ({})",
                    e.getMessage(),
                    OidcSettings.Variable.PONIX_OIDC_JWKS_URL);
        }
        LOG.debug("No token can be looked at", e);
    }

    private Caller caller(JWTClaimsSet claims) {
        Role role = role(text(claims, settings.roleClaim()));
        String organization = text(claims, settings.organizationClaim());
        // What names no organization, or names it as something else than a text, is not taken for
        // all of them: but for the operator's there is none to name.
        boolean isOfNone =
                role == Role.ROLE_OPERATOR
                        ? claims.getClaim(settings.organizationClaim()) != null
                        : organization.isEmpty();
        return new Caller(
                "oidc:" + claims.getSubject(),
                claims.getSubject(),
                isOfNone ? "" : organization,
                isOfNone ? Role.ROLE_UNSPECIFIED : role,
                Optional.empty());
    }

    /** The text of a claim; empty where it has none, or is no text. */
    private static String text(JWTClaimsSet claims, String name) {
        return claims.getClaim(name) instanceof String text ? text : "";
    }

    private static Role role(String text) {
        for (Role role : Role.values()) {
            if (role.name().equals("ROLE_" + text.toUpperCase(Locale.ROOT))) {
                return role;
            }
        }
        return Role.ROLE_UNSPECIFIED;
    }
}
