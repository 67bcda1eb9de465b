package io.ponix.jobs.options;

import io.ponix.client.nats.NatsSettings;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** How to reach the NATS servers, and as whom. */
public final class NatsConnectionOptions {

    @Option(
            names = "--nats-url",
            paramLabel = "URL",
            defaultValue = "nats://localhost:4222",
            description = "NATS servers, separated by commas; tls:// for TLS. PONIX_NATS_URL")
    private String url;

    @Option(
            names = "--nats-username",
            paramLabel = "NAME",
            defaultValue = "",
            description = "User, if the server wants one. PONIX_NATS_USERNAME")
    private String username;

    @Option(
            names = "--nats-password",
            paramLabel = "SECRET",
            defaultValue = "",
            description =
                    "Password. Better given as PONIX_NATS_PASSWORD: others see a command line")
    private String password;

    @Option(
            names = "--nats-token",
            paramLabel = "SECRET",
            defaultValue = "",
            description =
                    "Token, if the server wants one. Better given as PONIX_NATS_TOKEN: others see a"
                            + " command line")
    private String token;

    @Option(
            names = "--nats-credentials-file",
            paramLabel = "FILE",
            defaultValue = "",
            description =
                    "Credentials file, on every machine of the cluster."
                            + " PONIX_NATS_CREDENTIALS_FILE")
    private String credentialsFile;

    @Option(
            names = "--nats-tls-truststore",
            paramLabel = "FILE",
            defaultValue = "",
            description =
                    "Certificate authorities to trust in place of Java's, and to speak TLS: PEM, PKCS #12"
                            + " or Java keystore, on every machine of the cluster."
                            + " PONIX_NATS_TLS_TRUSTSTORE")
    private String truststore;

    @Option(
            names = "--nats-tls-truststore-password",
            paramLabel = "SECRET",
            defaultValue = "",
            description =
                    "Password of that file. Better given as PONIX_NATS_TLS_TRUSTSTORE_PASSWORD")
    private String truststorePassword;

    @Option(
            names = "--nats-tls-keystore",
            paramLabel = "FILE",
            defaultValue = "",
            description =
                    "Certificate and private key of the job, if the server wants one: PEM (both in one"
                            + " file), PKCS #12 or Java keystore, on every machine of the cluster."
                            + " PONIX_NATS_TLS_KEYSTORE")
    private String keystore;

    @Option(
            names = "--nats-tls-keystore-password",
            paramLabel = "SECRET",
            defaultValue = "",
            description = "Password of that file. Better given as PONIX_NATS_TLS_KEYSTORE_PASSWORD")
    private String keystorePassword;

    /** With every option at its default until a command line is parsed. */
    public NatsConnectionOptions() {}

    /** How to reach the servers. */
    public NatsSettings configuration() {
        NatsSettings.Builder builder = NatsSettings.builder().servers(url);
        if (!username.isEmpty()) {
            builder.userAndPassword(username, password);
        }
        if (!token.isEmpty()) {
            builder.token(token);
        }
        if (!credentialsFile.isEmpty()) {
            builder.credentialsFile(credentialsFile);
        }
        if (!truststore.isEmpty()) {
            builder.truststore(truststore, truststorePassword);
        }
        if (!keystore.isEmpty()) {
            builder.keystore(keystore, keystorePassword);
        }
        return builder.build();
    }

    /** Notes what cannot be used. */
    public void validate(Problems problems) {
        try {
            NatsSettings.forServers(url);
        } catch (IllegalArgumentException e) {
            problems.messages().add("--nats-url cannot be used: " + e.getMessage());
        }
        problems.require(
                Stream.of(username, token, credentialsFile).filter(s -> !s.isEmpty()).count() <= 1,
                "--nats-username, --nats-token, --nats-credentials-file",
                "one of them, not several",
                Stream.of(username, credentialsFile).filter(s -> !s.isEmpty()).toList());
        problems.require(
                password.isEmpty() || !username.isEmpty(),
                "--nats-username",
                "given with --nats-password",
                username);
    }
}
