package io.ponix.jobs.options;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.PostgresVariable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** How to reach the database of the device service, and as whom. */
public final class PostgresConnectionOptions {

    @Option(
            names = "--postgres-url",
            paramLabel = "URL",
            showDefaultValue = Visibility.NEVER,
            description =
                    "All of the following in one: postgres://user:password@host:port/database?sslmode=…&sslrootcert=…"
                            + " Better given as PONIX_POSTGRES_URL: others see a command line")
    private String url;

    @Option(
            names = "--postgres-host",
            paramLabel = "HOST",
            description = {
                "Postgres server, or several separated by commas: the one that is the primary is"
                        + " read. Each may have a port of its own. PONIX_POSTGRES_HOST",
                "  Default: localhost"
            })
    private String host;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            description = {"Port of hosts that have none. PONIX_POSTGRES_PORT", "  Default: 5432"})
    private String port;

    @Option(
            names = "--postgres-database",
            paramLabel = "NAME",
            description = {
                "Database of the device service. PONIX_POSTGRES_DATABASE",
                "  Default: ponix"
            })
    private String database;

    @Option(
            names = "--postgres-username",
            paramLabel = "NAME",
            description = {
                "User; to follow changes it needs the attribute REPLICATION and SELECT on the tables."
                        + " PONIX_POSTGRES_USERNAME",
                "  Default: ponix"
            })
    private String username;

    @Option(
            names = "--postgres-password",
            paramLabel = "SECRET",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Password. Better given as PONIX_POSTGRES_PASSWORD: others see a command line")
    private String password;

    @Option(
            names = "--postgres-password-file",
            paramLabel = "FILE",
            description =
                    "File with it, on every machine of the cluster: then it is nowhere else."
                            + " PONIX_POSTGRES_PASSWORD_FILE")
    private String passwordFile;

    @Option(
            names = "--postgres-sslmode",
            paramLabel = "MODE",
            description = {
                "disable, allow, prefer, require, verify-ca or verify-full: only the last two look at the"
                        + " server's certificate, only the last at its host name. PONIX_POSTGRES_SSLMODE",
                "  Default: prefer"
            })
    private String sslMode;

    @Option(
            names = "--postgres-sslrootcert",
            paramLabel = "FILE",
            description =
                    "Certificate authorities to trust, PEM, on every machine of the cluster."
                            + " PONIX_POSTGRES_SSLROOTCERT")
    private String rootCertificate;

    @Option(
            names = "--postgres-sslcert",
            paramLabel = "FILE",
            description =
                    "Certificate of the job, PEM, if the server wants one; on every machine of the"
                            + " cluster. PONIX_POSTGRES_SSLCERT")
    private String certificate;

    @Option(
            names = "--postgres-sslkey",
            paramLabel = "FILE",
            description =
                    "Its private key, PKCS #8 in PEM or DER without a password; on every machine of the"
                            + " cluster. PONIX_POSTGRES_SSLKEY")
    private String key;

    /** With every option at its default until a command line is parsed. */
    public PostgresConnectionOptions() {}

    /** How to reach the database. */
    public PostgresSettings settings() {
        return PostgresSettings.read(
                given().asMap(), variable -> GivenVariables.name(variable.variable()));
    }

    private GivenVariables given() {
        return new GivenVariables()
                .add(PostgresVariable.URL.variable(), url)
                .add(PostgresVariable.HOST.variable(), host)
                .add(PostgresVariable.PORT.variable(), port)
                .add(PostgresVariable.DATABASE.variable(), database)
                .add(PostgresVariable.USERNAME.variable(), username)
                .addSecret(PostgresVariable.PASSWORD.variable(), password, passwordFile)
                .add(PostgresVariable.SSLMODE.variable(), sslMode)
                .add(PostgresVariable.SSLROOTCERT.variable(), rootCertificate)
                .add(PostgresVariable.SSLCERT.variable(), certificate)
                .add(PostgresVariable.SSLKEY.variable(), key);
    }

    /** Notes what cannot be used. */
    public void validate(Problems problems) {
        given().check(problems, this::settings);
    }
}
