package io.ponix.registry;

/** The table {@code end_device_definitions}; it has {@link RowColumns}, too. */
public final class EndDeviceDefinitionTable {

    /** The table. */
    public static final String TABLE = "end_device_definitions";

    public static final Column ID = Column.of("id");
    public static final Column ORGANIZATION_ID = Column.of("organization_id");
    public static final Column NAME = Column.of("name");

    /** A list, as {@code io.ponix.transforms.ContractDocument} has it. */
    public static final Column CONTRACTS = Column.json("contracts");

    /** A list; read and written as a document that has it as {@code examples}. */
    public static final Column EXAMPLES =
            new Column(
                    "examples",
                    "jsonb_build_object('examples', examples) AS examples",
                    "COALESCE(?::jsonb -> 'examples', '[]')");

    private EndDeviceDefinitionTable() {}
}
