package io.ponix.jobs.sessions.options;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.environment.SecretFiles;
import io.ponix.jobs.options.ClickHouseConnectionOptions;
import io.ponix.jobs.options.JobCommandLine;
import io.ponix.jobs.options.JobOptions;
import io.ponix.jobs.options.PostgresConnectionOptions;
import io.ponix.jobs.options.Problems;
import io.ponix.jobs.sessions.assembly.AssemblySettings;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.client.program.ProgramParametrizationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Everything that can be set of the job. An option that is not given is taken from the environment
 * of the process that submits the job, {@code --nats-url} from {@code PONIX_NATS_URL}, and else has
 * its default.
 */
@Command(
        name = "flink run ponix-metered-sessions.jar",
        showDefaultValues = true,
        sortOptions = false,
        usageHelpWidth = 110,
        header =
                "Assembles metered sessions, as of charging stations, from decoded envelopes: a row each"
                        + " in Postgres and in ClickHouse.",
        description = {
            "",
            "Every option can be given in the environment instead: --nats-url as PONIX_NATS_URL."
                    + " Parallelism, state backend and restarts are Flink's own settings.",
            SecretFiles.MEANING,
            ""
        })
public final class SessionsOptions implements JobOptions {

    /** Computing what a session comes to takes time by its size. */
    private static final int LARGEST_SIZE = 1_000_000;

    private static final int MOST_PER_STATION = 1_000_000;

    private static final long LEAST_CHECKPOINT_INTERVAL_MILLIS = 10;

    @Mixin private NatsOptions nats;

    @Mixin private PostgresConnectionOptions postgres;

    @Mixin private ClickHouseConnectionOptions clickHouse;

    @Option(
            names = "--session-idle",
            paramLabel = "DURATION",
            defaultValue = "24 h",
            description =
                    "A session of which nothing was heard for so long is over; it goes on when something"
                            + " is. PONIX_SESSION_IDLE")
    private Duration idle;

    @Option(
            names = "--session-retention",
            paramLabel = "DURATION",
            defaultValue = "30 d",
            description =
                    "How long after its last message a session is known, so that one that comes late"
                            + " changes it. PONIX_SESSION_RETENTION")
    private Duration retention;

    @Option(
            names = "--session-max-size",
            paramLabel = "N",
            defaultValue = "200000",
            description =
                    "Meter values and messages that a session may have; more are dead letters."
                            + " PONIX_SESSION_MAX_SIZE")
    private int maxSize;

    @Option(
            names = "--session-max-per-station",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "Sessions that a station may begin within their retention; messages of more are dead"
                            + " letters. PONIX_SESSION_MAX_PER_STATION")
    private int maxPerStation;

    @Option(
            names = "--checkpoint-interval",
            paramLabel = "DURATION",
            description =
                    "Time between checkpoints. Default: Flink's execution.checkpointing.interval, or 1 s"
                            + " where it is not set. PONIX_CHECKPOINT_INTERVAL")
    private Duration checkpointInterval;

    @Option(
            names = "--take-over",
            paramLabel = "true|false",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            description =
                    "Replace the job that assembles the sessions of this stream in this database, which"
                            + " else refuses the submission. PONIX_TAKE_OVER")
    private boolean takeOver;

    private SessionsOptions() {}

    /** Where envelopes come from, and where dead letters go. */
    public NatsOptions nats() {
        return nats;
    }

    /** The database of the sessions. */
    public PostgresSettings postgres() {
        return postgres.settings().as("ponix-metered-sessions");
    }

    /** The database of their copy. */
    public ClickHouseSettings clickHouse() {
        return clickHouse.settings();
    }

    /** What happens in between. */
    public AssemblySettings assembly() {
        return new AssemblySettings(idle, retention, maxSize, maxPerStation);
    }

    /** Time between checkpoints, if it is not left to Flink's configuration. */
    public Optional<Duration> checkpointInterval() {
        return Optional.ofNullable(checkpointInterval);
    }

    /** Whether a job that is active for the same stream and database is replaced. */
    public boolean takeOver() {
        return takeOver;
    }

    /**
     * Reads the options.
     *
     * @param arguments the command line
     * @param environment the environment variables
     * @param out takes the help text, and a line for every variable that nothing reads
     * @return nothing if help was asked for
     * @throws ProgramParametrizationException if an option is unknown or cannot be used: Flink's
     *     client shows its message alone and ends with status 1
     */
    public static Optional<SessionsOptions> parse(
            String[] arguments, Map<String, String> environment, PrintStream out) {
        return JobCommandLine.parse(new SessionsOptions(), arguments, environment, out);
    }

    /** Returns the names of the variables that stand for options. */
    public static Set<String> variables() {
        return JobCommandLine.variables(new SessionsOptions());
    }

    @Override
    public void validate(Problems problems) {
        nats.validate(problems);
        postgres.validate(problems);
        clickHouse.validate(problems);
        problems.requirePositive("--session-idle", idle);
        problems.require(
                retention.compareTo(idle) >= 0,
                "--session-retention",
                "not shorter than --session-idle",
                retention);
        problems.requireRange("--session-max-size", 1, LARGEST_SIZE, maxSize);
        problems.requireRange("--session-max-per-station", 1, MOST_PER_STATION, maxPerStation);
        if (checkpointInterval != null) {
            problems.require(
                    checkpointInterval.toMillis() >= LEAST_CHECKPOINT_INTERVAL_MILLIS,
                    "--checkpoint-interval",
                    "10 ms or longer",
                    checkpointInterval);
        }
    }
}
