package io.ponix.jobs.envelope.options;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.PostgresVariable;
import io.ponix.jobs.options.GivenVariables;
import io.ponix.jobs.options.Problems;
import java.time.Duration;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Where devices and organizations come from. */
public final class PostgresOptions {

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
                "User, with the attribute REPLICATION and SELECT on the tables."
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

    @Option(
            names = "--postgres-startup-timeout",
            paramLabel = "DURATION",
            defaultValue = "2 min",
            description =
                    "How long a start waits for Postgres and the replication slot."
                            + " PONIX_POSTGRES_STARTUP_TIMEOUT")
    private Duration startupTimeout;

    @Option(
            names = "--cdc-publication-name",
            paramLabel = "NAME",
            defaultValue = "ponix_cdc_publication",
            description = "Publication that the migrations create. PONIX_CDC_PUBLICATION_NAME")
    private String publicationName;

    @Option(
            names = "--cdc-slot-name",
            paramLabel = "NAME",
            defaultValue = "ponix_cdc_slot",
            description = "Replication slot that the job creates: one per job. PONIX_CDC_SLOT_NAME")
    private String slotName;

    @Option(
            names = "--cdc-resnapshot",
            paramLabel = "true|false",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            description =
                    "For one start, when the slot cannot continue the restored state (lost, or moved"
                            + " on): goes on from where the slot is, or from a new one. The devices"
                            + " are loaded at every start, so none is missed. PONIX_CDC_RESNAPSHOT")
    private boolean resnapshot;

    PostgresOptions() {}

    /** How to reach the database. */
    public PostgresSettings connection() {
        return PostgresSettings.read(
                        given().asMap(), variable -> GivenVariables.name(variable.variable()))
                .as("ponix-envelope-pipeline");
    }

    private GivenVariables given() {
        return new GivenVariables()
                .add(PostgresVariable.URL.variable(), url)
                .add(PostgresVariable.HOST.variable(), host)
                .add(PostgresVariable.PORT.variable(), port)
                .add(PostgresVariable.DATABASE.variable(), database)
                .add(PostgresVariable.USERNAME.variable(), username)
                .add(PostgresVariable.PASSWORD.variable(), password)
                .add(PostgresVariable.SSLMODE.variable(), sslMode)
                .add(PostgresVariable.SSLROOTCERT.variable(), rootCertificate)
                .add(PostgresVariable.SSLCERT.variable(), certificate)
                .add(PostgresVariable.SSLKEY.variable(), key);
    }

    /** How long a start waits for Postgres and the slot. */
    public Duration startupTimeout() {
        return startupTimeout;
    }

    /** The publication that tells of changes. */
    public String publicationName() {
        return publicationName;
    }

    /** The replication slot. */
    public String slotName() {
        return slotName;
    }

    /** Whether a slot that cannot continue the restored state is begun anew. */
    public boolean resnapshot() {
        return resnapshot;
    }

    void validate(Problems problems) {
        given().check(problems, this::connection);
        problems.requirePositive("--postgres-startup-timeout", startupTimeout);
        problems.requireText("--cdc-publication-name", publicationName);
        problems.require(
                slotName.matches("[a-z0-9_]{1,63}"),
                "--cdc-slot-name",
                "1 to 63 lower-case letters, digits and '_'",
                slotName);
    }
}
