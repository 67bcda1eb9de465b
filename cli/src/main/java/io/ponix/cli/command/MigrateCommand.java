package io.ponix.cli.command;

import io.ponix.cli.stack.StackServer;
import io.ponix.migrations.MigrationsMain;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ponix migrate}: applies, undoes or lists the migrations of a database. */
@Command(
        name = "migrate",
        description = {
            "Apply, undo or list the migrations of a database.",
            "up applies all that are pending, down undoes the newest, status lists them. The database is the one that"
                    + " PONIX_POSTGRES_HOST or PONIX_CLICKHOUSE_URL names, else the stack's."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix migrate status postgres",
            "  ./ponix migrate up clickhouse"
        })
public final class MigrateCommand implements Callable<Integer> {

    /** The directions, as they are written on the command line. */
    enum Operation {
        up,
        down,
        status
    }

    /** The databases, as they are written on the command line. */
    enum Database {
        postgres,
        clickhouse
    }

    @Mixin private HomeOption home;

    @Parameters(index = "0", paramLabel = "up|down|status")
    private Operation operation;

    @Parameters(index = "1", paramLabel = "postgres|clickhouse")
    private Database database;

    @Override
    public Integer call() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        StackServer server =
                switch (database) {
                    case postgres -> StackServer.POSTGRES;
                    case clickhouse -> StackServer.CLICKHOUSE;
                };
        environment.putAll(home.addresses(server).environment());
        return MigrationsMain.run(
                List.of(operation.name(), database.name()), environment, System.out, System.err);
    }
}
