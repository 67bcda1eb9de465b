package io.ponix.jobs.envelope.options;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.jobs.options.PostgresConnectionOptions;
import io.ponix.jobs.options.Problems;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where devices and organizations come from. */
public final class PostgresOptions {

    @Mixin private PostgresConnectionOptions connection;

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
        return connection.settings().as("ponix-envelope-pipeline");
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
        connection.validate(problems);
        problems.requirePositive("--postgres-startup-timeout", startupTimeout);
        problems.requireText("--cdc-publication-name", publicationName);
        problems.require(
                slotName.matches("[a-z0-9_]{1,63}"),
                "--cdc-slot-name",
                "1 to 63 lower-case letters, digits and '_'",
                slotName);
    }
}
