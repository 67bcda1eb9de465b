package io.ponix.jobs.envelope.options;

import io.ponix.client.postgres.PostgresServer;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.jobs.options.Problems;
import java.time.Duration;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Where devices and organizations come from. */
public final class PostgresOptions {

    private static final int HIGHEST_PORT = 65_535;

    @Option(
            names = "--postgres-host",
            paramLabel = "HOST",
            defaultValue = "localhost",
            description =
                    "Postgres server, or several separated by commas: the one that is the primary is"
                            + " read. Each may have a port of its own. PONIX_POSTGRES_HOST")
    private String host;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            defaultValue = "5432",
            description = "Port of hosts that have none. PONIX_POSTGRES_PORT")
    private int port;

    @Option(
            names = "--postgres-database",
            paramLabel = "NAME",
            defaultValue = "ponix",
            description = "Database of the device service. PONIX_POSTGRES_DATABASE")
    private String database;

    @Option(
            names = "--postgres-username",
            paramLabel = "NAME",
            defaultValue = "ponix",
            description =
                    "User, with the attribute REPLICATION and SELECT on the tables."
                            + " PONIX_POSTGRES_USERNAME")
    private String username;

    @Option(
            names = "--postgres-password",
            paramLabel = "SECRET",
            defaultValue = "ponix",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Password. Better given as PONIX_POSTGRES_PASSWORD: others see a command line")
    private String password;

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
        return PostgresSettings.builder()
                .host(host)
                .port(port)
                .database(database)
                .username(username)
                .password(password)
                .build();
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
        problems.require(
                isHosts(host),
                "--postgres-host",
                "hosts separated by commas, such as a,b:5433",
                host);
        problems.requireRange("--postgres-port", 1, HIGHEST_PORT, port);
        problems.requireText("--postgres-database", database);
        problems.requireText("--postgres-username", username);
        problems.requirePositive("--postgres-startup-timeout", startupTimeout);
        problems.requireText("--cdc-publication-name", publicationName);
        problems.require(
                slotName.matches("[a-z0-9_]{1,63}"),
                "--cdc-slot-name",
                "1 to 63 lower-case letters, digits and '_'",
                slotName);
    }

    private static boolean isHosts(String text) {
        try {
            PostgresServer.parse(text, HIGHEST_PORT);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
