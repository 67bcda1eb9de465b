package io.ponix.client.deviceservice;

import io.ponix.client.tls.TlsException;
import io.ponix.client.tls.TlsSettings;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Where the device service answers gRPC.
 *
 * @param hostAndPort {@code host:port}
 * @param tls whom to trust, and the certificate to show; empty for no TLS
 */
@API(status = Status.EXPERIMENTAL)
public record DeviceServiceAddress(String hostAndPort, Optional<TlsSettings> tls) {

    private static final String TLS_SCHEME = "https://";
    private static final Pattern HOST_AND_PORT = Pattern.compile("[^\\s/]+:(?<port>[0-9]{1,5})");
    private static final int HIGHEST_PORT = 65_535;
    private static final int ANSWERED_WITHIN_MILLIS = 3_000;

    /** Checks that nothing is null. */
    public DeviceServiceAddress {
        Objects.requireNonNull(hostAndPort, "hostAndPort");
        Objects.requireNonNull(tls, "tls");
    }

    /** Whether the environment says which service is meant. */
    public static boolean isNamedIn(Map<String, String> environment) {
        return !environment.getOrDefault(DeviceServiceVariable.ADDRESS.variable(), "").isBlank();
    }

    /**
     * Reads the {@link DeviceServiceVariable}s.
     *
     * @throws IllegalArgumentException when a value cannot be used; the message names the variable
     */
    public static DeviceServiceAddress fromEnvironment(Map<String, String> environment) {
        DeviceServiceAddress address =
                parse(DeviceServiceVariable.ADDRESS.in(environment), environment);
        TlsSettings files = files(environment);
        if (address.tls().isEmpty() && !files.equals(TlsSettings.DEFAULT)) {
            // Whoever names them must not show a key to anyone on the way.
            throw new IllegalArgumentException(
                    DeviceServiceVariable.ADDRESS.variable()
                            + " must begin with https:// where files for TLS are named, is "
                            + address);
        }
        return address;
    }

    /**
     * An address that is known otherwise. There is TLS where it begins with {@code https://}.
     *
     * @param environment names the files for TLS
     * @throws IllegalArgumentException when something cannot be used; the message names the
     *     variable
     */
    public static DeviceServiceAddress parse(String address, Map<String, String> environment) {
        boolean isTls = address.startsWith(TLS_SCHEME);
        String hostAndPort = isTls ? address.substring(TLS_SCHEME.length()) : address;
        Matcher parts = HOST_AND_PORT.matcher(hostAndPort);
        if (!parts.matches() || Integer.parseInt(parts.group("port")) > HIGHEST_PORT) {
            throw new IllegalArgumentException(
                    DeviceServiceVariable.ADDRESS.variable()
                            + " must be HOST:PORT, or https://HOST:PORT for TLS, is "
                            + address);
        }
        return new DeviceServiceAddress(
                hostAndPort, isTls ? Optional.of(usable(files(environment))) : Optional.empty());
    }

    private static TlsSettings files(Map<String, String> environment) {
        return TlsSettings.of(
                DeviceServiceVariable.TLS_TRUSTSTORE.in(environment),
                DeviceServiceVariable.TLS_TRUSTSTORE_PASSWORD.in(environment),
                DeviceServiceVariable.TLS_KEYSTORE.in(environment),
                DeviceServiceVariable.TLS_KEYSTORE_PASSWORD.in(environment));
    }

    private static TlsSettings usable(TlsSettings tls) {
        try {
            tls.context();
            return tls;
        } catch (TlsException e) {
            throw new IllegalArgumentException(
                    DeviceServiceVariable.TLS_TRUSTSTORE.variable()
                            + " or "
                            + DeviceServiceVariable.TLS_KEYSTORE.variable()
                            + ", or the password, is wrong: "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * Looks whether the service is trusted, for who would wait long for it otherwise. Where there
     * is no TLS, or the service does not answer, nothing is wrong.
     *
     * @throws IllegalArgumentException when it is not trusted, or does not trust; the message names
     *     the variables
     */
    public void requireTrust() {
        if (tls.isEmpty()) {
            return;
        }
        URI uri = URI.create(toString());
        try (SSLSocket socket = (SSLSocket) tls.get().context().getSocketFactory().createSocket()) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(ANSWERED_WITHIN_MILLIS);
            socket.connect(
                    new InetSocketAddress(uri.getHost(), uri.getPort()), ANSWERED_WITHIN_MILLIS);
            socket.startHandshake();
        } catch (IOException e) {
            // Whoever calls one that is away, or ends meanwhile, learns that.
            if (e instanceof SSLException problem && !(e.getCause() instanceof EOFException)) {
                throw new IllegalArgumentException(failed(problem), e);
            }
        }
    }

    /** What is wrong with TLS, and what to set. */
    String failed(SSLException problem) {
        // Of OpenSSL's the innermost says what it is.
        Throwable cause = problem;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "TLS with %s failed: %s; %s names whom to trust, %s what to show"
                .formatted(
                        this,
                        cause.getMessage(),
                        DeviceServiceVariable.TLS_TRUSTSTORE.variable(),
                        DeviceServiceVariable.TLS_KEYSTORE.variable());
    }

    /** As it is written. */
    @Override
    public String toString() {
        return (tls.isPresent() ? TLS_SCHEME : "") + hostAndPort;
    }
}
