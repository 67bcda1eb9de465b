package io.ponix.registry;

/** The columns that every table has. */
public final class RowColumns {

    /** Grows with every change of a row: the larger one is the newer state of it. */
    public static final Column VERSION = Column.of("version");

    /** The version of the last event of what the row is of: 1, 2, 3 ... Callers know it as etag. */
    public static final Column REVISION = Column.of("revision");

    public static final Column CREATED_AT = Column.of("created_at");
    public static final Column UPDATED_AT = Column.of("updated_at");

    /**
     * Who changed the row last: the id of a key, or of a token {@code oidc:} and its subject. Empty
     * where no key was asked for. For who looks into the table: it is not read with rows, nor
     * announced.
     */
    public static final Column UPDATED_BY = Column.nullable("updated_by");

    /** When the row was marked as deleted, if it was. Definitions do not have it. */
    public static final Column DELETED_AT = Column.of("deleted_at");

    /** What it is, for people. Hosts do not have it. */
    public static final Column DESCRIPTION = Column.nullable("description");

    /** See {@link Labels}: a document, NULL where there are none. */
    public static final Column LABELS =
            new Column("labels", "labels", "NULLIF(?::jsonb, '{}'::jsonb)");

    /**
     * Some labels of those that there are, to be changed: a document of the new ones, in which
     * those that are taken away are null.
     */
    public static final Column SOME_LABELS =
            new Column(
                    "labels",
                    "labels",
                    "NULLIF(jsonb_strip_nulls(coalesce(labels, '{}') || ?::jsonb), '{}'::jsonb)");

    private RowColumns() {}
}
