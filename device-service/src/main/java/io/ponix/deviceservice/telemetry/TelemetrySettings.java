package io.ponix.deviceservice.telemetry;

import java.util.Objects;

/**
 * Where the rows and dead letters of devices are. Both places are optional: the service starts and
 * runs without them, and says what is missing when somebody asks for what is there.
 *
 * @param clickHouseUrl servers, separated by commas, of which the first that answers is asked;
 *     empty if there are none
 * @param clickHouseDatabase the database of the table
 * @param clickHouseUsername a user that may read it
 * @param clickHousePassword the user's password
 * @param clickHouseTable the table of the rows
 * @param natsUrl servers, separated by commas; empty if there are none
 * @param natsUsername empty if the servers want none
 * @param natsPassword empty if the servers want none
 * @param natsCredentialsFile a file to sign in with, or empty
 * @param rawStream the stream of the raw envelopes
 * @param deadLettersStream the stream of the dead letters
 */
public record TelemetrySettings(
        String clickHouseUrl,
        String clickHouseDatabase,
        String clickHouseUsername,
        String clickHousePassword,
        String clickHouseTable,
        String natsUrl,
        String natsUsername,
        String natsPassword,
        String natsCredentialsFile,
        String rawStream,
        String deadLettersStream) {

    /** Checks that places and streams are not null. */
    public TelemetrySettings {
        Objects.requireNonNull(clickHouseUrl, "clickHouseUrl");
        Objects.requireNonNull(natsUrl, "natsUrl");
        Objects.requireNonNull(rawStream, "rawStream");
        Objects.requireNonNull(deadLettersStream, "deadLettersStream");
    }

    /** Describes the settings without passwords; a URL may hold one. */
    @Override
    public String toString() {
        return "rows "
                + (clickHouseUrl.isEmpty() ? "nowhere" : "in " + clickHouseDatabase)
                + ", dead letters "
                + (natsUrl.isEmpty() ? "nowhere" : "in " + deadLettersStream);
    }
}
