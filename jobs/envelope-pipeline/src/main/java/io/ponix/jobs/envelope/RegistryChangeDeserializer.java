package io.ponix.jobs.envelope;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChangeDeserializer;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChangeReader;
import io.ponix.jobs.envelope.gateways.GatewayChange;
import io.ponix.jobs.envelope.gateways.GatewayChangeReader;
import io.ponix.registry.GatewayRow;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;

/**
 * Reads the one change stream of the registry, which has one reader: what concerns devices on the
 * left, gateways on the right. {@link ChangesByTable} takes them apart.
 */
final class RegistryChangeDeserializer
        implements PostgresChangeDeserializer<Either<DeviceChange, GatewayChange>> {

    /** How Flink carries both. */
    static final TypeInformation<Either<DeviceChange, GatewayChange>> TYPE =
            new EitherTypeInfo<>(DeviceChange.TYPE, GatewayChange.TYPE);

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(
            PostgresChange change, Collector<Either<DeviceChange, GatewayChange>> out) {
        if (change.table().equals(GatewayRow.TABLE)) {
            GatewayChangeReader.read(change)
                    .map(Either::<DeviceChange, GatewayChange>Right)
                    .ifPresent(out::collect);
        } else {
            DeviceChangeReader.read(change)
                    .map(Either::<DeviceChange, GatewayChange>Left)
                    .ifPresent(out::collect);
        }
    }

    @Override
    public void published(
            PublicationState state, Collector<Either<DeviceChange, GatewayChange>> out) {
        out.collect(Either.Left(new DeviceChange.Published(state.fingerprint())));
    }

    @Override
    public TypeInformation<Either<DeviceChange, GatewayChange>> getProducedType() {
        return TYPE;
    }
}
