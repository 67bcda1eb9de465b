package io.ponix.cli.command;

import io.ponix.cli.program.OptionRange;
import io.ponix.cli.registry.RegistryVerification;
import io.ponix.cli.registry.RegistryVerification.Difference;
import io.ponix.cli.registry.RegistryVerification.Extent;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.terminal.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ponix registry verify}: compares the rows of what is registered with their events. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Compare each organization, device, definition and gateway with what its events add up to.",
            "Both are written by the same transaction, so that they agree; they do not where somebody wrote with the triggers"
                    + " disabled, restored a part of a backup, or lost a disk. What is compared is of one moment, and nobody"
                    + " who writes is held up. The database is the one that PONIX_POSTGRES_HOST or _URL names, else the"
                    + " stack's; reading is all that its user must be allowed to.",
            "A field in parentheses is no column: (events) is a row without events, (row) one that is there, or is not, against"
                    + " its events, (versions) are versions with a gap. revision is the version of the last event.",
            "Exit status: 0 they agree, 1 they differ or the database cannot be asked, 2 called wrongly."
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix registry verify",
            "  PONIX_POSTGRES_HOST=db.example.com ./ponix registry verify --limit 1000"
        })
final class RegistryVerifyCommand implements Callable<Integer> {

    @Mixin private HomeOption home;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Show at most N of what differs. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Override
    public Integer call() {
        OptionRange.check("--limit", limit, 1, 1_000_000);
        List<Difference> shown = new ArrayList<>();
        Extent extent =
                new RegistryVerification(home.addresses(StackServer.POSTGRES).postgres())
                        .run(
                                difference -> {
                                    if (shown.size() < limit) {
                                        shown.add(difference);
                                    }
                                });
        if (extent.differences() == 0) {
            System.out.printf(
                    "The registry agrees with its history: %,d rows, %,d events%n",
                    extent.rows(), extent.events());
            return 0;
        }
        TextTable table = new TextTable("TYPE", "ID", "FIELD", "ROW HAS", "EVENTS SAY");
        shown.forEach(
                each ->
                        table.row(
                                each.type(),
                                each.id(),
                                each.field(),
                                each.inRow(),
                                each.inEvents()));
        table.print(System.out, "");
        if (extent.differences() > shown.size()) {
            System.out.printf("and %,d more%n", extent.differences() - shown.size());
        }
        System.out.printf(
                "The registry differs from its history: %,d of %,d rows and %,d events, in %,d places%n",
                extent.differing(), extent.rows(), extent.events(), extent.differences());
        return 1;
    }
}
