package io.ponix.cli.resource;

import com.google.protobuf.Message;
import io.ponix.cli.program.CommandException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which labels of something are changed: the others stay as they are. */
final class LabelChangeOptions {

    @Mixin private LabelOptions labels;

    @Option(
            names = "--no-label",
            paramLabel = "KEY",
            description = "Take the label of this key away; may be given several times.")
    private List<String> taken = List.of();

    /** Has a request, one that has the fields, have the labels that are given. */
    void on(Message.Builder request) {
        labels.on(request);
    }

    /**
     * What a mask names for what is given.
     *
     * @throws CommandException where one is given and taken away
     */
    Set<String> paths() {
        Set<String> keys = new TreeSet<>(labels.given().keySet());
        for (String key : taken) {
            if (!keys.add(key)) {
                throw CommandException.calledWrongly(
                        "--label and --no-label " + key + ": which of them is meant?");
            }
        }
        Set<String> paths = new TreeSet<>();
        keys.forEach(key -> paths.add(LabelOptions.FIELD + "." + key));
        return paths;
    }
}
