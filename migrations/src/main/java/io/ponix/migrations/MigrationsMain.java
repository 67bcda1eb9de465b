package io.ponix.migrations;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The command {@code migrate {up|down|status} {postgres|clickhouse}}. */
public final class MigrationsMain {

    private static final String USAGE =
            """
            Usage: migrate {up|down|status} {postgres|clickhouse}
              up      apply all pending migrations
              down    undo the newest applied migration
              status  list the migrations and whether they are applied
            Settings (environment, with defaults):
              PONIX_POSTGRES_HOST=localhost _PORT=5432 _DATABASE=ponix _USERNAME=ponix _PASSWORD=ponix
                (several hosts, separated by commas: the one that is the primary is used)
              PONIX_CLICKHOUSE_URL=http://localhost:8123 _DATABASE=ponix _USERNAME=ponix _PASSWORD=ponix
              PONIX_ROW_RETENTION: how long rows are kept, such as 90 d, or unlimited; not set: as the table has it (at first unlimited)
              PONIX_POSTGRES_MIGRATIONS_DIR, PONIX_CLICKHOUSE_MIGRATIONS_DIR: folders of files to use in place of the packaged ones""";

    private MigrationsMain() {}

    /**
     * Runs the command and exits: 0 when done, 1 when a migration failed, 2 when the arguments are
     * wrong.
     */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.getenv(), System.out, System.err));
    }

    /**
     * Runs the command.
     *
     * @return the exit status: 0 when done, 1 when a migration failed, 2 when the arguments are
     *     wrong
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
        if (arguments.size() != 2) {
            errors.println(USAGE);
            return 2;
        }
        try {
            Migrations migrations;
            switch (arguments.get(1)) {
                case "postgres" -> migrations = PostgresMigrations.fromEnvironment(environment);
                case "clickhouse" -> migrations = ClickHouseMigrations.fromEnvironment(environment);
                default -> {
                    errors.println("Unknown database: " + arguments.get(1) + "\n" + USAGE);
                    return 2;
                }
            }
            switch (arguments.get(0)) {
                case "up" -> up(migrations, output);
                case "down" -> down(migrations, output);
                case "status" -> status(migrations, output);
                default -> {
                    errors.println("Unknown operation: " + arguments.get(0) + "\n" + USAGE);
                    return 2;
                }
            }
            return 0;
        } catch (MigrationException exception) {
            errors.println(exception.getMessage());
            return 1;
        }
    }

    private static void up(Migrations migrations, PrintStream output) {
        List<Migration> applied = migrations.up();
        applied.forEach(migration -> output.println("applied " + migration));
        if (applied.isEmpty()) {
            output.println("up to date");
        }
    }

    private static void down(Migrations migrations, PrintStream output) {
        Optional<Migration> undone = migrations.down();
        output.println(undone.map(migration -> "undid " + migration).orElse("nothing is applied"));
    }

    private static void status(Migrations migrations, PrintStream output) {
        for (MigrationStatus status : migrations.status()) {
            output.printf(
                    "%d  %-20s  %-24s  %s%n",
                    status.id(),
                    status.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    status.recordedAt().map(Object::toString).orElse("-"),
                    status.description());
        }
    }
}
