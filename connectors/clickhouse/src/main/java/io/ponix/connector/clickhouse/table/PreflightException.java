package io.ponix.connector.clickhouse.table;

import java.io.IOException;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;

/** A table that the sink will not write to, with every reason and how to mend it. */
@PublicEvolving
public final class PreflightException extends IOException {

    private final List<String> problems;

    PreflightException(String table, List<String> problems) {
        super(
                "The table "
                        + table
                        + " cannot be written to with the guarantee asked for:\n - "
                        + String.join("\n - ", problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * The reasons.
     *
     * @return one sentence per problem, each with the statement or setting that mends it
     */
    public List<String> problems() {
        return problems;
    }
}
