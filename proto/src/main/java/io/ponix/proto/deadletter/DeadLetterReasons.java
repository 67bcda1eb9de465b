package io.ponix.proto.deadletter;

import io.ponix.proto.dead_letter.v1.DeadLetterProto;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.dead_letter.v1.DeadLetterStage;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What follows from a reason of the contract: the name that people, subjects and headers write, the
 * subject of its letters, and the stage that finds it.
 */
public final class DeadLetterReasons {

    private static final String REASON_PREFIX = "DEAD_LETTER_REASON_";
    private static final String STAGE_PREFIX = "DEAD_LETTER_STAGE_";

    /** What stands for a number that this version does not know. */
    private static final String UNKNOWN = "?";

    private static final List<DeadLetterReason> ALL =
            Arrays.stream(DeadLetterReason.values())
                    .filter(
                            reason ->
                                    reason != DeadLetterReason.UNRECOGNIZED
                                            && reason
                                                    != DeadLetterReason
                                                            .DEAD_LETTER_REASON_UNSPECIFIED)
                    .toList();

    private static final Map<DeadLetterReason, DeadLetterStage> STAGES = stages();

    private DeadLetterReasons() {}

    /** Every reason that a letter can have, in the order of their numbers. */
    public static List<DeadLetterReason> all() {
        return ALL;
    }

    /** The name without its prefix, for instance {@code DEVICE_NOT_FOUND}. */
    public static String name(DeadLetterReason reason) {
        return reason == DeadLetterReason.UNRECOGNIZED
                ? UNKNOWN
                : reason.name().substring(REASON_PREFIX.length());
    }

    /** The name without its prefix, for instance {@code ENRICH}. */
    public static String name(DeadLetterStage stage) {
        return stage == DeadLetterStage.UNRECOGNIZED
                ? UNKNOWN
                : stage.name().substring(STAGE_PREFIX.length());
    }

    /** The reason of this {@linkplain #name name}. */
    public static Optional<DeadLetterReason> named(String name) {
        return ALL.stream().filter(reason -> name(reason).equals(name)).findFirst();
    }

    /**
     * The step of the pipeline that finds it.
     *
     * @param reason one of {@link #all()}
     */
    public static DeadLetterStage stage(DeadLetterReason reason) {
        DeadLetterStage stage = STAGES.get(reason);
        if (stage == null) {
            throw new IllegalArgumentException("No letter has the reason " + reason);
        }
        return stage;
    }

    /** Where letters of this reason are published. */
    public static String subject(String deadLetterStream, DeadLetterReason reason) {
        return deadLetterStream + "." + name(reason);
    }

    /** The subjects of letters of every reason, those of later versions included. */
    public static String subjects(String deadLetterStream) {
        return deadLetterStream + ".>";
    }

    private static Map<DeadLetterReason, DeadLetterStage> stages() {
        Map<DeadLetterReason, DeadLetterStage> stages = new EnumMap<>(DeadLetterReason.class);
        for (DeadLetterReason reason : ALL) {
            stages.put(
                    reason,
                    reason.getValueDescriptor().getOptions().getExtension(DeadLetterProto.stage));
        }
        return stages;
    }
}
