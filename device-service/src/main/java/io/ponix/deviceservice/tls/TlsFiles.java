package io.ponix.deviceservice.tls;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files, all of them PEM, by which the service speaks TLS.
 *
 * @param certificate the certificate, then those that vouch for it
 * @param key its private key, in PKCS #8 without a password; may be the same file
 * @param clientAuthorities those whose certificates a client has to have one of; none for letting
 *     in clients without a certificate
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientAuthorities) {

    /** The environment variables, with what they mean. */
    public enum Variable {
        PONIX_GRPC_TLS_CERTIFICATE_FILE(
                "PEM file of the certificate and its chain: TLS on both ports; absent: none"),
        PONIX_GRPC_TLS_KEY_FILE("PEM file of its private key, PKCS #8; absent: in the same file"),
        PONIX_GRPC_TLS_CLIENT_CA_FILE(
                "PEM file of the authorities whose certificate a client must have; absent: none");

        private final String meaning;

        Variable(String meaning) {
            this.meaning = meaning;
        }

        /** For help texts. */
        public String meaning() {
            return meaning;
        }

        private Optional<Path> in(Map<String, String> environment) {
            return Optional.of(environment.getOrDefault(name(), "").strip())
                    .filter(file -> !file.isEmpty())
                    .map(Path::of);
        }
    }

    /**
     * Reads the settings; empty where no certificate is named.
     *
     * @throws IllegalArgumentException when what is named cannot be used; the message names the
     *     variable
     */
    public static Optional<TlsFiles> fromEnvironment(Map<String, String> environment) {
        Optional<Path> key = Variable.PONIX_GRPC_TLS_KEY_FILE.in(environment);
        Optional<Path> authorities = Variable.PONIX_GRPC_TLS_CLIENT_CA_FILE.in(environment);
        Optional<TlsFiles> files =
                Variable.PONIX_GRPC_TLS_CERTIFICATE_FILE
                        .in(environment)
                        .map(file -> new TlsFiles(file, key.orElse(file), authorities));
        if (files.isEmpty() && (key.isPresent() || authorities.isPresent())) {
            // Whoever meant TLS must not get a service without.
            throw new IllegalArgumentException(
                    Variable.PONIX_GRPC_TLS_CERTIFICATE_FILE
                            + " is missing: without it "
                            + (key.isPresent()
                                    ? Variable.PONIX_GRPC_TLS_KEY_FILE
                                    : Variable.PONIX_GRPC_TLS_CLIENT_CA_FILE)
                            + " does nothing");
        }
        files.ifPresent(TlsContent::read);
        return files;
    }

    /** Returns the names of the environment variables. */
    public static List<String> variables() {
        return Arrays.stream(Variable.values()).map(Variable::name).toList();
    }
}
