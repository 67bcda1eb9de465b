package io.ponix.migrations;

/** Words the failure of a statement so that a person finds it: file, line, statement, cause. */
final class StatementFailure {

    private StatementFailure() {}

    static MigrationException of(
            Migration migration,
            Direction direction,
            int index,
            String explanation,
            Throwable cause) {
        SqlStatement statement = migration.statements(direction).get(index);
        return new MigrationException(
                migration.fileName()
                        + " line "
                        + statement.line()
                        + ": statement "
                        + (index + 1)
                        + " of "
                        + migration.statements(direction).size()
                        + " failed while "
                        + switch (direction) {
                            case UP -> "applying";
                            case DOWN -> "undoing";
                        }
                        + ":\n\n"
                        + statement.sql().strip().indent(2)
                        + "\n"
                        + explanation,
                cause);
    }
}
