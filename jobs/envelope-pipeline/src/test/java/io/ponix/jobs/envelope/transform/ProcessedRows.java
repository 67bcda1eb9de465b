package io.ponix.jobs.envelope.transform;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Rows for tests of other packages. */
public final class ProcessedRows {

    private ProcessedRows() {}

    /** One row; the JSON's array is longer than the JSON, as the operator's is. */
    public static EnvelopeRows row(String device, String json) {
        return rows(device, json);
    }

    /** The rows of one envelope, a second after each other. */
    public static EnvelopeRows rows(String device, String... jsons) {
        EnvelopeRows row = new EnvelopeRows();
        row.organizationId = "org";
        row.endDeviceId = device;
        row.processedAt = 1_700_000_001_456L;
        row.rowsOfEnvelope = jsons.length;
        row.clear(jsons.length);
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        for (int index = 0; index < jsons.length; index++) {
            int start = json.size();
            json.writeBytes(jsons[index].getBytes(StandardCharsets.UTF_8));
            row.add(index, 1_700_000_000_123L + 1_000 * index, start, json.size());
        }
        row.json = Arrays.copyOf(json.toByteArray(), json.size() + 10);
        row.stream = "raw_envelopes";
        row.streamSequence = 7;
        row.receivedAt = 1_700_000_000_789L;
        return row;
    }

    /** The same rows, made by a contract of a definition. */
    public static EnvelopeRows of(
            String definition, int contract, long version, EnvelopeRows rows, String... warnings) {
        rows.definitionId = definition;
        rows.contractIndex = contract;
        rows.transformVersion = version;
        rows.warnings = List.of(warnings);
        return rows;
    }
}
