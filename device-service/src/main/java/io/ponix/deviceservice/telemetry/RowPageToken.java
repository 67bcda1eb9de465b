package io.ponix.deviceservice.telemetry;

import com.google.protobuf.util.Timestamps;
import io.ponix.deviceservice.request.PageTokenText;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.telemetry.v1.Row;

/** Where a page of rows ends: the last row's place in the order of the list. */
record RowPageToken(long occurredAtMillis, long sequence, long index) {

    static RowPageToken after(Row last) {
        return new RowPageToken(
                Timestamps.toMillis(last.getOccurredAt()),
                last.getStreamSequence(),
                Integer.toUnsignedLong(last.getRowIndex()));
    }

    /**
     * Reads a token.
     *
     * @throws RequestException INVALID_ARGUMENT when the text is not one that {@link #text()} made
     */
    static RowPageToken parse(String text) {
        long[] parts = PageTokenText.parse(text, 3);
        return new RowPageToken(parts[0], parts[1], parts[2]);
    }

    String text() {
        return PageTokenText.of(occurredAtMillis, sequence, index);
    }
}
