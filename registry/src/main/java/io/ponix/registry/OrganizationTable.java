package io.ponix.registry;

/** The table {@code organizations}; it has all {@link RowColumns}, too. */
public final class OrganizationTable {

    /** The table. */
    public static final String TABLE = "organizations";

    public static final Column ID = Column.of("id");
    public static final Column NAME = Column.of("name");

    private OrganizationTable() {}
}
