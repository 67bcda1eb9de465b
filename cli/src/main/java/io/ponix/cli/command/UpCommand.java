package io.ponix.cli.command;

import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackLock;
import io.ponix.cli.stack.StackSettings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ponix up}: starts the stack and submits the job. */
@Command(
        name = "up",
        description = {
            "Start NATS, Postgres, ClickHouse, a Flink cluster and the device service, migrate the databases and submit the",
            "job. What runs already stays as it is, what was killed is started again: a job that was running then comes back by",
            "itself, one that was stopped goes on from its latest savepoint or checkpoint."
        },
        footer = {
            "",
            "PONIX_NATS_URL, PONIX_POSTGRES_HOST (with _PORT, _DATABASE, _USERNAME, _PASSWORD) and PONIX_CLICKHOUSE_URL (with",
            "_DATABASE, _USERNAME, _PASSWORD) name servers to use in place of the ones started here."
        })
public final class UpCommand implements Callable<Integer> {

    @Mixin private StackOptions options;

    @Override
    public Integer call() throws Exception {
        StackSettings settings = options.settings();
        StackAddresses addresses =
                StackLock.holding(
                        settings.home(), () -> new LocalStack(settings, System.err::println).up());
        System.out.println();
        addresses.print(System.out);
        System.out.println(
                "\n  ./ponix status · ./ponix simulate · ./ponix query \"SELECT …\" · ./ponix down");
        return 0;
    }
}
