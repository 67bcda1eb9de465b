package io.ponix.connector.postgres.cdc.source.split;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import org.apache.flink.annotation.Internal;

/**
 * Up to where changes were read, exactly to the single change.
 *
 * <p>Postgres sends whole transactions in the order of their commits, and streaming can only start
 * between two of them. So the position is the end of the last transaction that was read completely,
 * plus how far the next one was read. Started again at {@code committed}, Postgres sends that next
 * transaction again from its beginning (the order of commits is fixed), and what was read of it is
 * skipped: within a transaction the positions of changes never descend, and changes that share one
 * (a COPY of several rows, a TRUNCATE of several tables, an UPDATE of a key) keep their order.
 *
 * @param committed end of the last completely read transaction; all transactions committed before
 *     it were read
 * @param transactionId id of the partly read transaction; 0 between transactions
 * @param changeLsn position of the last change read in it
 * @param changeOrdinal how many changes with the same position were read before that one
 * @param timeline of the log that this is a position in; 0 if it is not known
 */
@Internal
public record ReplicationPosition(
        WalPosition committed,
        long transactionId,
        long changeLsn,
        int changeOrdinal,
        int timeline) {

    /** The position between two transactions, of a timeline that is not known. */
    public static ReplicationPosition between(WalPosition committed) {
        return new ReplicationPosition(committed, 0, 0, 0, 0);
    }

    /** The position between two transactions that lies further on in the same log. */
    public ReplicationPosition movedTo(WalPosition committed) {
        return new ReplicationPosition(committed, 0, 0, 0, timeline);
    }

    /** The same position in the log of a timeline that went through it. */
    public ReplicationPosition on(int timeline) {
        return new ReplicationPosition(
                committed, transactionId, changeLsn, changeOrdinal, timeline);
    }

    /**
     * The position behind one change of the transaction that follows the last completely read one.
     */
    public ReplicationPosition within(long transactionId, long changeLsn, int changeOrdinal) {
        return new ReplicationPosition(
                committed, transactionId, changeLsn, changeOrdinal, timeline);
    }

    /**
     * The furthest place in the log that something was read from. The partly read transaction may
     * have begun before the end of the last completely read one.
     */
    public WalPosition furthest() {
        WalPosition change = new WalPosition(changeLsn);
        return isWithinTransaction() && change.isAfter(committed) ? change : committed;
    }

    public boolean isWithinTransaction() {
        return transactionId != 0;
    }

    /**
     * Whether this position is behind the given change of the transaction that follows {@code
     * committed}.
     */
    public boolean covers(long transactionId, long changeLsn, int changeOrdinal) {
        if (!isWithinTransaction() || this.transactionId != transactionId) {
            return false;
        }
        int order = Long.compareUnsigned(changeLsn, this.changeLsn);
        return order < 0 || (order == 0 && changeOrdinal <= this.changeOrdinal);
    }

    @Override
    public String toString() {
        return isWithinTransaction()
                ? committed
                        + " + transaction "
                        + transactionId
                        + " up to "
                        + new WalPosition(changeLsn)
                        + "#"
                        + changeOrdinal
                : committed.toString();
    }
}
