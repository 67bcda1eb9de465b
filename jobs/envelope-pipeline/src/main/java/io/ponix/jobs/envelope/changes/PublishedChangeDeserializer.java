package io.ponix.jobs.envelope.changes;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.source.PostgresChange;
import io.ponix.connector.postgres.cdc.source.PostgresChangeDeserializer;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChangeDeserializer;
import io.ponix.jobs.envelope.gateways.GatewayChange;
import io.ponix.jobs.envelope.gateways.GatewayChangeReader;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;

/**
 * Reads the one change stream of the publication, which has one reader: what concerns devices on
 * the left, gateways on the right. {@link ChangeSplit} takes them apart.
 */
public final class PublishedChangeDeserializer
        implements PostgresChangeDeserializer<Either<DeviceChange, GatewayChange>> {

    /** How Flink carries both. */
    public static final TypeInformation<Either<DeviceChange, GatewayChange>> TYPE =
            new EitherTypeInfo<>(DeviceChange.TYPE, GatewayChange.TYPE);

    private static final long serialVersionUID = 1L;

    private final DeviceChangeDeserializer devices = new DeviceChangeDeserializer();

    /** Has no settings. */
    public PublishedChangeDeserializer() {}

    @Override
    public void deserialize(
            PostgresChange change, Collector<Either<DeviceChange, GatewayChange>> out) {
        if (change.table().equals(GatewayChangeReader.TABLE)) {
            GatewayChangeReader.read(change)
                    .map(Either::<DeviceChange, GatewayChange>Right)
                    .ifPresent(out::collect);
        } else {
            devices.deserialize(change, new LeftCollector(out));
        }
    }

    @Override
    public void published(
            PublicationState state, Collector<Either<DeviceChange, GatewayChange>> out) {
        devices.published(state, new LeftCollector(out));
    }

    @Override
    public TypeInformation<Either<DeviceChange, GatewayChange>> getProducedType() {
        return TYPE;
    }

    private record LeftCollector(Collector<Either<DeviceChange, GatewayChange>> out)
            implements Collector<DeviceChange> {

        @Override
        public void collect(DeviceChange change) {
            out.collect(Either.Left(change));
        }

        @Override
        public void close() {
            // The one it hands on to belongs to the caller.
        }
    }
}
