package io.ponix.jobs.options;

import io.ponix.client.nats.NatsSettings;
import io.ponix.client.nats.NatsVariable;
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
            description = "User, if the server wants one. PONIX_NATS_USERNAME")
    private String username;

    @Option(
            names = "--nats-password",
            paramLabel = "SECRET",
            description =
                    "Password. Better given as PONIX_NATS_PASSWORD: others see a command line")
    private String password;

    @Option(
            names = "--nats-password-file",
            paramLabel = "FILE",
            description =
                    "File with it, on every machine of the cluster: then it is nowhere else."
                            + " PONIX_NATS_PASSWORD_FILE")
    private String passwordFile;

    @Option(
            names = "--nats-token",
            paramLabel = "SECRET",
            description =
                    "Token, if the server wants one. Better given as PONIX_NATS_TOKEN: others see a"
                            + " command line")
    private String token;

    @Option(
            names = "--nats-token-file",
            paramLabel = "FILE",
            description =
                    "File with it, on every machine of the cluster: then it is nowhere else."
                            + " PONIX_NATS_TOKEN_FILE")
    private String tokenFile;

    @Option(
            names = "--nats-credentials-file",
            paramLabel = "FILE",
            description =
                    "Credentials file, on every machine of the cluster."
                            + " PONIX_NATS_CREDENTIALS_FILE")
    private String credentialsFile;

    @Option(
            names = "--nats-inbox-prefix",
            paramLabel = "PREFIX",
            defaultValue = "_INBOX",
            description =
                    "How subjects begin on which it is answered: _INBOX and more, where users must"
                            + " not hear each other's answers. PONIX_NATS_INBOX_PREFIX")
    private String inboxPrefix;

    @Option(
            names = "--nats-tls-truststore",
            paramLabel = "FILE",
            description =
                    "Certificate authorities to trust in place of Java's, and to speak TLS: PEM, PKCS #12"
                            + " or Java keystore, on every machine of the cluster."
                            + " PONIX_NATS_TLS_TRUSTSTORE")
    private String truststore;

    @Option(
            names = "--nats-tls-truststore-password",
            paramLabel = "SECRET",
            description =
                    "Password of that file. Better given as PONIX_NATS_TLS_TRUSTSTORE_PASSWORD")
    private String truststorePassword;

    @Option(
            names = "--nats-tls-truststore-password-file",
            paramLabel = "FILE",
            description =
                    "File with it, on every machine of the cluster: then it is nowhere else."
                            + " PONIX_NATS_TLS_TRUSTSTORE_PASSWORD_FILE")
    private String truststorePasswordFile;

    @Option(
            names = "--nats-tls-keystore",
            paramLabel = "FILE",
            description =
                    "Certificate and private key of the job, if the server wants one: PEM (both in one"
                            + " file), PKCS #12 or Java keystore, on every machine of the cluster."
                            + " PONIX_NATS_TLS_KEYSTORE")
    private String keystore;

    @Option(
            names = "--nats-tls-keystore-password",
            paramLabel = "SECRET",
            description = "Password of that file. Better given as PONIX_NATS_TLS_KEYSTORE_PASSWORD")
    private String keystorePassword;

    @Option(
            names = "--nats-tls-keystore-password-file",
            paramLabel = "FILE",
            description =
                    "File with it, on every machine of the cluster: then it is nowhere else."
                            + " PONIX_NATS_TLS_KEYSTORE_PASSWORD_FILE")
    private String keystorePasswordFile;

    /** With every option at its default until a command line is parsed. */
    public NatsConnectionOptions() {}

    /** How to reach the servers. */
    public NatsSettings settings() {
        return NatsSettings.read(
                given().asMap(), variable -> GivenVariables.name(variable.variable()));
    }

    private GivenVariables given() {
        return new GivenVariables()
                .add(NatsVariable.URL.variable(), url)
                .add(NatsVariable.USERNAME.variable(), username)
                .addSecret(NatsVariable.PASSWORD.variable(), password, passwordFile)
                .addSecret(NatsVariable.TOKEN.variable(), token, tokenFile)
                .add(NatsVariable.CREDENTIALS_FILE.variable(), credentialsFile)
                .add(NatsVariable.INBOX_PREFIX.variable(), inboxPrefix)
                .add(NatsVariable.TLS_TRUSTSTORE.variable(), truststore)
                .addSecret(
                        NatsVariable.TLS_TRUSTSTORE_PASSWORD.variable(),
                        truststorePassword,
                        truststorePasswordFile)
                .add(NatsVariable.TLS_KEYSTORE.variable(), keystore)
                .addSecret(
                        NatsVariable.TLS_KEYSTORE_PASSWORD.variable(),
                        keystorePassword,
                        keystorePasswordFile);
    }

    /** Notes what cannot be used. */
    public void validate(Problems problems) {
        given().check(problems, this::settings);
    }
}
