package io.ponix.jobs.envelope.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessedEnvelopesTableTest {

    /**
     * Without received_at a batch of replayed readings, in a stream that was made anew, would be
     * found stored after a restart, and be lost.
     */
    @Test
    void aRowIsIdentifiedByItsMessageAndWhenThatWasReceived() {
        assertThat(ProcessedEnvelopesTable.WITNESS_COLUMNS)
                .containsExactlyInAnyOrder(
                        "organization_id",
                        "end_device_id",
                        "occurred_at",
                        "stream",
                        "stream_sequence",
                        "received_at",
                        "row_index",
                        "row_count");
    }
}
