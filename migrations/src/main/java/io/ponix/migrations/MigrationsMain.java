package io.ponix.migrations;

import io.ponix.environment.SecretArguments;
import io.ponix.environment.SecretFiles;
import io.ponix.environment.UnreadVariables;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The command {@code migrate {up|down|status|validate} {postgres|clickhouse} [--to TIMESTAMP]}. */
public final class MigrationsMain {

    private static final String USAGE =
            """
            Usage: migrate {up|down|status|validate} {postgres|clickhouse} [--to TIMESTAMP]
              up        apply all pending migrations, or those up to and with --to
              down      undo the newest applied migration
              status    list the migrations and whether they are applied
              validate  compare the files with the database; changes nothing
            The files are in goose's format, and goose_db_version is kept: goose may be used on the same database, before or
            after, but not at the same time.
            Exit status: 0 done; 1 a migration failed, or the database is not what the files say; 2 wrong arguments.
            Settings (environment, with defaults):
              PONIX_POSTGRES_HOST=localhost _PORT=5432 _DATABASE=ponix _USERNAME=ponix _PASSWORD=ponix
                (several hosts, separated by commas: the one that is the primary is used)
              PONIX_CLICKHOUSE_URL=http://localhost:8123 _DATABASE=ponix _USERNAME=ponix _PASSWORD=ponix
              PONIX_ROW_RETENTION: how long rows are kept, such as 90 d, or unlimited; not set: as the table has it (at first unlimited)
              PONIX_POSTGRES_MIGRATIONS_DIR, PONIX_CLICKHOUSE_MIGRATIONS_DIR: folders of files to use in place of the packaged ones
              A password PONIX_X may be in a file that PONIX_X_FILE names""";

    private static final String TO = "--to";

    private MigrationsMain() {}

    /**
     * Runs the command and exits: 0 when done, 1 when a migration failed or the database is not
     * what the files say, 2 when the arguments are wrong.
     */
    public static void main(String[] arguments) {
        System.exit(runAlone(List.of(arguments), System.getenv(), System.out, System.err));
    }

    /** As {@link #run}, with secrets in files, and tells of variables that nothing reads. */
    static int runAlone(
            List<String> arguments,
            Map<String, String> environment,
            PrintStream output,
            PrintStream errors) {
        UnreadVariables.warnings(environment).forEach(errors::println);
        SecretArguments.warnings(arguments).forEach(errors::println);
        Map<String, String> resolved;
        try {
            resolved = SecretFiles.resolve(environment);
        } catch (IllegalArgumentException exception) {
            errors.println(exception.getMessage());
            return 1;
        }
        return run(arguments, resolved, output, errors);
    }

    /**
     * Runs the command.
     *
     * @return the exit status, as of {@link #main}
     */
    public static int run(
            List<String> arguments,
            Map<String, String> environment,
            PrintStream output,
            PrintStream errors) {
        if (arguments.contains("--help")) {
            output.println(USAGE);
            return 0;
        }
        if (arguments.size() < 2) {
            errors.println(USAGE);
            return 2;
        }
        String operation = arguments.get(0);
        String database = arguments.get(1);
        List<String> options = arguments.subList(2, arguments.size());
        OptionalLong to = OptionalLong.empty();
        if (!options.isEmpty()) {
            if (!operation.equals("up") || options.size() != 2 || !options.get(0).equals(TO)) {
                errors.println(
                        "Unknown argument: " + SecretArguments.shown(options) + "\n" + USAGE);
                return 2;
            }
            if (!options.get(1).matches("\\d{14}")) {
                errors.println(
                        TO
                                + " is '"
                                + options.get(1)
                                + "': the 14 digits are wanted with which the file's name begins");
                return 2;
            }
            to = OptionalLong.of(Long.parseLong(options.get(1)));
        }
        try {
            Migrations migrations;
            switch (database) {
                case "postgres" -> migrations = PostgresMigrations.fromEnvironment(environment);
                case "clickhouse" -> migrations = ClickHouseMigrations.fromEnvironment(environment);
                default -> {
                    errors.println("Unknown database: " + database + "\n" + USAGE);
                    return 2;
                }
            }
            return switch (operation) {
                case "up" -> up(migrations, to, output);
                case "down" -> down(migrations, output);
                case "status" -> status(migrations, output);
                case "validate" -> validate(migrations, output, errors);
                default -> {
                    errors.println("Unknown operation: " + operation + "\n" + USAGE);
                    yield 2;
                }
            };
        } catch (MigrationException exception) {
            errors.println(exception.getMessage());
            return 1;
        }
    }

    private static int up(Migrations migrations, OptionalLong to, PrintStream output) {
        List<Migration> applied =
                to.isPresent() ? migrations.upTo(to.getAsLong()) : migrations.up();
        applied.forEach(migration -> output.println("applied " + migration));
        if (applied.isEmpty()) {
            output.println(
                    to.isPresent() ? "nothing to apply up to " + to.getAsLong() : "up to date");
        }
        return 0;
    }

    private static int down(Migrations migrations, PrintStream output) {
        Optional<Migration> undone = migrations.down();
        output.println(undone.map(migration -> "undid " + migration).orElse("nothing is applied"));
        return 0;
    }

    private static int status(Migrations migrations, PrintStream output) {
        for (MigrationStatus status : migrations.status()) {
            output.printf(
                    "%d  %-20s  %-24s  %s%n",
                    status.id(),
                    status.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    status.recordedAt().map(Object::toString).orElse("-"),
                    status.description());
        }
        return 0;
    }

    private static int validate(Migrations migrations, PrintStream output, PrintStream errors) {
        MigrationReport report = migrations.report();
        report.problems().forEach(errors::println);
        if (!report.problems().isEmpty()) {
            return 1;
        }
        long pending =
                report.statuses().stream()
                        .filter(status -> status.state() == MigrationStatus.State.PENDING)
                        .count();
        output.printf(
                "valid: %d applied, %d pending%n", report.statuses().size() - pending, pending);
        return 0;
    }
}
