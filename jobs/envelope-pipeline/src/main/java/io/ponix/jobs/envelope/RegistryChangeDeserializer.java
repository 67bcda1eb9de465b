package io.ponix.jobs.envelope;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChangeDeserializer;
import io.ponix.jobs.envelope.announcements.AnnouncedChange;
import io.ponix.jobs.envelope.announcements.AnnouncedChangeReader;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChangeReader;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;

/**
 * Reads the one change stream of the registry, which has one reader: what transforms need on the
 * left, what is announced on the right; a change may be both. {@link ChangesByUse} takes them
 * apart.
 */
final class RegistryChangeDeserializer
        implements PostgresChangeDeserializer<Either<DeviceChange, AnnouncedChange>> {

    /** How Flink carries both. */
    static final TypeInformation<Either<DeviceChange, AnnouncedChange>> TYPE =
            new EitherTypeInfo<>(DeviceChange.TYPE, AnnouncedChange.TYPE);

    private static final long serialVersionUID = 1L;

    private final AnnouncedChangeReader announced;

    /**
     * @param announced reads what is announced
     */
    RegistryChangeDeserializer(AnnouncedChangeReader announced) {
        this.announced = announced;
    }

    @Override
    public void deserialize(
            PostgresChange change, Collector<Either<DeviceChange, AnnouncedChange>> out) {
        DeviceChangeReader.read(change)
                .map(Either::<DeviceChange, AnnouncedChange>Left)
                .ifPresent(out::collect);
        announced
                .read(change)
                .map(Either::<DeviceChange, AnnouncedChange>Right)
                .ifPresent(out::collect);
    }

    @Override
    public void published(
            PublicationState state, Collector<Either<DeviceChange, AnnouncedChange>> out) {
        out.collect(Either.Left(new DeviceChange.Published(state.fingerprint())));
    }

    @Override
    public TypeInformation<Either<DeviceChange, AnnouncedChange>> getProducedType() {
        return TYPE;
    }
}
