package io.ponix.deviceservice.charging.transaction;

import io.ponix.deviceservice.database.Sql;
import io.ponix.proto.charging.v1.Transaction;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code charging_transactions}. What changes a row holds it until the transaction of the
 * database ends: of calls at the same time none loses what another has stored.
 */
final class TransactionRepository {

    private static final Column STATION = Column.of("charge_station_id");
    private static final Column ID = Column.of("transaction_id");
    private static final Column ID_TOKEN = Column.of("id_token");
    private static final Column TOKEN_TYPE = Column.of("token_type");
    private static final Column START_SEQ_NO = Column.of("start_seq_no");
    private static final Column ENDED_SEQ_NO = Column.of("ended_seq_no");
    private static final Column UPDATED_SEQ_NO_COUNT = Column.of("updated_seq_no_count");
    private static final Column OFFLINE = new Column("offline", "offline::int AS offline", "?");
    private static final Column METER_VALUE_COUNT = Column.of("meter_value_count");

    private static final String KEY = "organization_id, charge_station_id, transaction_id";
    private static final String MERGE =
            " ON CONFLICT ("
                    + KEY
                    + ") DO UPDATE SET"
                    + " meter_value_count = known.meter_value_count + excluded.meter_value_count";
    private static final String RETURNING = " RETURNING meter_value_count";

    private static final String CREATE =
            "INSERT INTO charging_transactions AS known ("
                    + KEY
                    + ", meter_value_count, id_token, token_type, start_seq_no, offline)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                    + MERGE
                    + ", id_token = excluded.id_token, token_type = excluded.token_type,"
                    + " start_seq_no = excluded.start_seq_no, offline = excluded.offline"
                    + RETURNING;

    private static final String UPDATE =
            "INSERT INTO charging_transactions AS known ("
                    + KEY
                    + ", meter_value_count, updated_seq_no_count) VALUES (?, ?, ?, ?, 1)"
                    + MERGE
                    + ", updated_seq_no_count = known.updated_seq_no_count + 1"
                    + RETURNING;

    private static final String END =
            "INSERT INTO charging_transactions AS known ("
                    + KEY
                    + ", meter_value_count, id_token, token_type, ended_seq_no)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?)"
                    + MERGE
                    + ", ended_seq_no = excluded.ended_seq_no"
                    + RETURNING;

    private static final String SELECT =
            "SELECT "
                    + Column.select(
                            List.of(
                                    STATION,
                                    ID,
                                    ID_TOKEN,
                                    TOKEN_TYPE,
                                    START_SEQ_NO,
                                    ENDED_SEQ_NO,
                                    UPDATED_SEQ_NO_COUNT,
                                    OFFLINE,
                                    METER_VALUE_COUNT))
                    + " FROM charging_transactions WHERE organization_id = ?";

    private TransactionRepository() {}

    /**
     * Stores a start and returns how many meter values there are now.
     *
     * @param added how many of them come with it
     */
    static long create(
            Connection connection,
            TransactionKey key,
            int added,
            String idToken,
            String tokenType,
            long seqNo,
            boolean offline)
            throws SQLException {
        return meterValues(connection, CREATE, key, added, idToken, tokenType, seqNo, offline);
    }

    /** Counts an update and returns how many meter values there are now. */
    static long update(Connection connection, TransactionKey key, int added) throws SQLException {
        return meterValues(connection, UPDATE, key, added);
    }

    /** Stores an end and returns how many meter values there are now. */
    static long end(
            Connection connection,
            TransactionKey key,
            int added,
            String idToken,
            String tokenType,
            long seqNo)
            throws SQLException {
        return meterValues(connection, END, key, added, idToken, tokenType, seqNo);
    }

    private static long meterValues(
            Connection connection, String sql, TransactionKey key, int added, Object... values)
            throws SQLException {
        Object[] parameters = new Object[4 + values.length];
        parameters[0] = key.organizationId();
        parameters[1] = key.chargeStationId();
        parameters[2] = key.transactionId();
        parameters[3] = added;
        System.arraycopy(values, 0, parameters, 4, values.length);
        return Sql.query(connection, row -> row.number(METER_VALUE_COUNT), sql, parameters).get(0);
    }

    static Optional<Transaction> find(Connection connection, TransactionKey key)
            throws SQLException {
        return Sql.query(
                        connection,
                        TransactionRepository::read,
                        SELECT + " AND charge_station_id = ? AND transaction_id = ?",
                        key.organizationId(),
                        key.chargeStationId(),
                        key.transactionId())
                .stream()
                .findFirst();
    }

    /** Those after one, by station and id. */
    static List<Transaction> list(Connection connection, TransactionKey after, int limit)
            throws SQLException {
        return Sql.query(
                connection,
                TransactionRepository::read,
                SELECT
                        + " AND (charge_station_id, transaction_id) > (?, ?)"
                        + " ORDER BY charge_station_id, transaction_id LIMIT ?",
                after.organizationId(),
                after.chargeStationId(),
                after.transactionId(),
                limit);
    }

    private static Transaction read(Row<SQLException> row) throws SQLException {
        return Transaction.newBuilder()
                .setChargeStationId(row.text(STATION))
                .setTransactionId(row.text(ID))
                .setIdToken(row.text(ID_TOKEN))
                .setTokenType(row.text(TOKEN_TYPE))
                .setStartSeqNo(row.number(START_SEQ_NO))
                .setEndedSeqNo(row.number(ENDED_SEQ_NO))
                .setUpdatedSeqNoCount(row.number(UPDATED_SEQ_NO_COUNT))
                .setOffline(row.number(OFFLINE) == 1)
                .setMeterValueCount(row.number(METER_VALUE_COUNT))
                .build();
    }
}
