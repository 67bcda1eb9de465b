package io.ponix.cli.command;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.deadletter.LetterText;
import io.ponix.cli.deadletter.StoredLetter;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.stack.StackServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix dead-letters show}: one dead letter with all that is in it. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Show one dead letter whole: why it failed, its headers, the raw envelope.",
        footer = {
            "",
            "Examples:",
            "  ./ponix dead-letters show 17",
            "  ./ponix dead-letters show 17 --json | jq -r .raw_envelope | xxd -r -p > envelope.bin"
        })
final class DeadLetterShowCommand implements Runnable {

    @Mixin private HomeOption home;

    @Parameters(
            paramLabel = "LETTER",
            description = "Its number, the first column of ./ponix dead-letters.")
    private long number;

    @Option(names = "--json", description = "As one JSON object; the raw envelope in hexadecimal.")
    private boolean json;

    @Override
    public void run() {
        OptionRange.check("LETTER", number, 1, Long.MAX_VALUE);
        try (DeadLetterReader reader = new DeadLetterReader(home.addresses(StackServer.NATS))) {
            StoredLetter letter = reader.letter(number);
            if (json) {
                System.out.println(LetterText.json(letter));
            } else {
                LetterText.print(letter, System.out);
            }
        }
    }
}
