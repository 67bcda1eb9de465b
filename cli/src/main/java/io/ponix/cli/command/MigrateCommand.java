package io.ponix.cli.command;

import io.ponix.cli.program.CommandEnvironment;
import io.ponix.cli.stack.StackServer;
import io.ponix.migrations.MigrationsMain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix migrate}: applies, undoes, lists or checks the migrations of a database. */
@Command(
        name = "migrate",
        description = {
            "Apply, undo, list or check the migrations of a database.",
            "up applies all that are pending, or those up to --to; down undoes the newest; status lists them; validate says"
                    + " what is not as the files say. The database is the one that PONIX_POSTGRES_HOST or"
                    + " PONIX_CLICKHOUSE_URL names, else the stack's. The files are in goose's format."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix migrate status postgres",
            "  ./ponix migrate up clickhouse",
            "  ./ponix migrate up postgres --to 20261121080400"
        })
public final class MigrateCommand implements Callable<Integer> {

    /** The directions, as they are written on the command line. */
    enum Operation {
        up,
        down,
        status,
        validate
    }

    /** The databases, as they are written on the command line. */
    enum Database {
        postgres,
        clickhouse
    }

    @Mixin private HomeOption home;

    @Parameters(index = "0", paramLabel = "up|down|status|validate")
    private Operation operation;

    @Parameters(index = "1", paramLabel = "postgres|clickhouse")
    private Database database;

    @Option(
            names = "--to",
            paramLabel = "TIMESTAMP",
            description = "With up: the last migration to apply, the digits of its file's name.")
    private String to;

    @Override
    public Integer call() {
        Map<String, String> environment = new HashMap<>(CommandEnvironment.variables());
        StackServer server =
                switch (database) {
                    case postgres -> StackServer.POSTGRES;
                    case clickhouse -> StackServer.CLICKHOUSE;
                };
        environment.putAll(home.addresses(server).environmentOfOperator());
        List<String> arguments = new ArrayList<>(List.of(operation.name(), database.name()));
        if (to != null) {
            arguments.addAll(List.of("--to", to));
        }
        return MigrationsMain.run(arguments, environment, System.out, System.err);
    }
}
