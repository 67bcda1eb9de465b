package io.ponix.cli.resource;

import com.google.protobuf.Message;
import io.ponix.cli.terminal.TextTable;
import java.util.Iterator;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** How what the device service answers is printed. */
final class OutputOption {

    @Option(
            names = "--json",
            description =
                    "Print JSON with every field, as the service's protos name them: an object, or an array of them.")
    private boolean json;

    boolean isJson() {
        return json;
    }

    /** Prints one, with every field. */
    void print(Message message) {
        System.out.print(json ? MessageJson.document(message) : MessageFields.text(message));
    }

    /** Prints what was done, or what has become of it. */
    void print(String done, Message message) {
        if (json) {
            print(message);
        } else {
            System.out.println(done);
        }
    }

    /** Prints a list: a row for each, or all that there is of each. */
    <T extends Message> void print(
            Iterator<T> messages, TextTable table, Function<T, Object[]> row) {
        if (json) {
            MessageJson.printArray(messages, System.out);
        } else {
            messages.forEachRemaining(message -> table.row(row.apply(message)));
            table.print(System.out, "");
        }
    }
}
