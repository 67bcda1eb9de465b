package io.ponix.jobs.envelope.transform;

import java.nio.charset.StandardCharsets;

/** Rows for tests of other packages. */
public final class ProcessedRows {

    private ProcessedRows() {}

    /** A row; the JSON's array is longer than the JSON, as the operator's is. */
    public static ProcessedRow row(String device, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        ProcessedRow row = new ProcessedRow();
        row.organizationId = "org";
        row.endDeviceId = device;
        row.occurredAt = 1_700_000_000_123L;
        row.processedAt = 1_700_000_001_456L;
        row.json = java.util.Arrays.copyOf(bytes, bytes.length + 10);
        row.jsonLength = bytes.length;
        row.stream = "raw_envelopes";
        row.streamSequence = 7;
        row.receivedAt = 1_700_000_000_789L;
        return row;
    }
}
