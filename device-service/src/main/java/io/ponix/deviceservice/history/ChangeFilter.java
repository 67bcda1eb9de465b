package io.ponix.deviceservice.history;

import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.ResourceType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which changes are asked for; what is empty leaves none out.
 *
 * @param resourceId of the kind, which is given then
 * @param types as events have them
 * @param after what was committed then is left out, and what was before
 * @param until what was committed then is in it
 */
record ChangeFilter(
        String organizationId,
        Optional<ResourceKind> kind,
        String resourceId,
        String changedBy,
        List<String> types,
        Optional<Instant> after,
        Optional<Instant> until) {

    /** The filter of a request; of the caller's organization where it names none. */
    static ChangeFilter of(ListChangesRequest request, String organizationId) {
        return new ChangeFilter(
                organizationId,
                request.getResourceType() == ResourceType.RESOURCE_TYPE_UNSPECIFIED
                        ? Optional.empty()
                        : Optional.of(ResourceKind.of(request.getResourceType())),
                request.getResourceId(),
                request.getChangedBy(),
                request.getTypesList().stream().map(ChangeTypes::text).distinct().toList(),
                request.hasCommittedAfter()
                        ? Optional.of(Moment.time(request.getCommittedAfter()))
                        : Optional.empty(),
                request.hasCommittedUntil()
                        ? Optional.of(Moment.time(request.getCommittedUntil()))
                        : Optional.empty());
    }
}
