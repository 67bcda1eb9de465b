package io.ponix.jobs.envelope.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.envelope.gateways.GatewayChange.Operation;
import io.ponix.proto.gateway.v1.Gateway;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingGatewayChangesTest {

    @Test
    void keepsTheOrderAndWhatWasRestored() throws Exception {
        PendingGatewayChanges pending =
                new PendingGatewayChanges(List.of(change(Operation.CREATE, "a", 1)));
        pending.add(change(Operation.UPDATE, "a", 2));

        assertThat(pending.awaitFirst()).isEqualTo(change(Operation.CREATE, "a", 1));
        assertThat(pending.count()).isEqualTo(2);
        pending.removeFirst();
        assertThat(pending.snapshot()).containsExactly(change(Operation.UPDATE, "a", 2));
    }

    @Test
    void ofManyTheOutdatedUpdatesAreLeftOut() {
        PendingGatewayChanges pending = new PendingGatewayChanges(List.of());
        pending.add(change(Operation.UPDATE, "first", 1));
        pending.add(change(Operation.UPDATE, "first", 2));
        pending.add(change(Operation.CREATE, "busy", 3));
        pending.add(change(Operation.UPDATE, "removed", 4));
        pending.add(change(Operation.DELETE, "removed", 4));
        for (int version = 5; version < PendingGatewayChanges.MANY - 1; version++) {
            pending.add(change(Operation.UPDATE, "busy", version));
        }
        pending.add(change(Operation.UPDATE, "first", PendingGatewayChanges.MANY));

        assertThat(pending.snapshot())
                .containsExactly(
                        // The one that is being published.
                        change(Operation.UPDATE, "first", 1),
                        change(Operation.CREATE, "busy", 3),
                        change(Operation.DELETE, "removed", 4),
                        change(Operation.UPDATE, "busy", PendingGatewayChanges.MANY - 2),
                        change(Operation.UPDATE, "first", PendingGatewayChanges.MANY));
    }

    private static GatewayChange change(Operation operation, String id, long version) {
        return new GatewayChange(operation, version, Gateway.newBuilder().setGatewayId(id).build());
    }
}
