package io.ponix.connector.postgres.cdc.source.settings;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.UnrecoverablePostgresCdcException;
import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.TreeMap;
import org.apache.flink.annotation.Internal;

/**
 * The validated settings of a source; see {@code PostgresCdcSourceBuilder} for what each means.
 *
 * @param connectionConfig the database
 * @param slotName replication slot
 * @param publicationName publication
 * @param publishedTables whose every change has to be published, and of which alone changes are
 *     read; empty for all that are published, and to watch nothing
 * @param monitorInterval between two looks at the slot
 * @param heartbeatWalBytes unconfirmed WAL from which on a heartbeat is written
 * @param restorableWalBytes WAL kept unconfirmed behind the latest checkpoint
 * @param slotActiveTimeout how long a slot in use by another connection is waited for
 * @param resnapshot whether a state that cannot be continued is given up
 * @param resnapshotSetting what a person sets for it; null to say nothing of that
 * @param debeziumProperties additional properties of Debezium
 */
@Internal
public record PostgresCdcSettings(
        PostgresSettings connectionConfig,
        String slotName,
        String publicationName,
        ArrayList<PublishedTable> publishedTables,
        Duration monitorInterval,
        long heartbeatWalBytes,
        long restorableWalBytes,
        Duration slotActiveTimeout,
        boolean resnapshot,
        String resnapshotSetting,
        TreeMap<String, String> debeziumProperties)
        implements Serializable {

    /** As the job is to fail with: for good where restarting it cannot help. */
    public PostgresCdcException failure(PostgresCdcException condition) {
        boolean isMended = resnapshot && condition.problem().isMendedByResnapshot();
        return condition.problem().isPermanent() && !isMended
                ? new UnrecoverablePostgresCdcException(condition, advice(condition))
                : condition;
    }

    private String advice(PostgresCdcException condition) {
        boolean isNamed = condition.getMessage().contains("resnapshot");
        return resnapshotSetting != null && isNamed
                ? " A resnapshot is asked for by " + resnapshotSetting + ", for one start."
                : "";
    }
}
