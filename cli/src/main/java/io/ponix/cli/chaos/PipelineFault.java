package io.ponix.cli.chaos;

import io.ponix.cli.simulation.Way;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;

/** What people and devices do to a pipeline while it runs. */
enum PipelineFault implements Fault {
    RESCALE("savepoint, other parallelism") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            stack.rescale(random);
        }
    },
    BAD_SAVEPOINT("bad savepoints, kill -9 JobManager") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            stack.submitInVain();
            stack.process("jobmanager").kill();
            stack.startWhatIsDown();
        }
    },
    UPDATE_DEVICES("update devices") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            for (int update = 0; update < DEVICES_AT_A_TIME; update++) {
                load.fleet().update(random.nextInt(load.fleet().size()));
            }
        }
    },
    RESTORE_DEVICES("restore devices") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            for (int restored = 0; restored < DEVICES_AT_A_TIME; restored++) {
                load.fleet().restore(random.nextInt(load.fleet().size()), random);
            }
        }
    },
    RESTORE_SNAPSHOT("restore a snapshot of all devices") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            load.fleet().restoreAllAfter(() -> UPDATE_DEVICES.inject(stack, load, random));
        }
    },
    DELETE_DEVICES("delete and create devices") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            for (int deletion = 0; deletion < DEVICES_AT_A_TIME; deletion++) {
                int number = random.nextInt(load.fleet().size());
                load.fleet().replace(number, deleted -> load.lastReadings(number, deleted));
            }
        }
    },
    SECOND_SUBMISSION("submit the job a second time") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            stack.submitAgain(random);
        }
    },
    REWIND_STREAM("put NATS' folder of before back") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            stack.rewindNats(load, random);
        }
    },
    POISON("poison") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            load.poison();
        }
    },
    FILL_DEAD_LETTERS("no room for dead letters") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            stack.whileDeadLettersAreFull(
                    () -> {
                        for (int poison = 0; poison < POISONED_WHILE_FULL; poison++) {
                            load.poison();
                            ChaosStack.pause(BETWEEN_POISON);
                        }
                    });
        }
    },
    MANY_MONTHS("readings of 600 months") {
        @Override
        public void inject(ChaosStack stack, Load load, SplittableRandom random) {
            load.readingsOfManyMonths(random.nextInt(load.fleet().size()));
        }
    };

    private static final int DEVICES_AT_A_TIME = 3;
    private static final int POISONED_WHILE_FULL = 4;
    private static final Duration BETWEEN_POISON = Duration.ofSeconds(4);

    private final String title;

    PipelineFault(String title) {
        this.title = title;
    }

    /**
     * By MQTT a payload is all that comes, without the time of a reading; and what NATS forgets of
     * what a bridge has stored is its sender's no more.
     */
    @Override
    public boolean isPossible(Way way) {
        return switch (this) {
            case REWIND_STREAM -> way == Way.nats;
            case MANY_MONTHS -> way != Way.mqtt;
            default -> true;
        };
    }

    @Override
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String title() {
        return title;
    }
}
