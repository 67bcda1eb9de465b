package io.ponix.jobs.preflight;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * Looks at the savepoint that a job is to start from before it is submitted: whether it is there,
 * whole, and of this job.
 *
 * <p>The JobManager finds out too, but by failing: what is left of such a job in Flink 2.3 keeps
 * every later JobManager with high availability from starting, with all the jobs that it had.
 */
public final class SavepointCheck {

    private static final String OPTION = "-s (execution.state-recovery.path)";

    private final JobGraph job;
    private final SavepointRestoreSettings settings;

    /**
     * @param graph of the job as it is submitted
     */
    public SavepointCheck(StreamGraph graph) {
        this.settings = graph.getSavepointRestoreSettings();
        this.job = settings.restoreSavepoint() ? graph.getJobGraph() : null;
    }

    /**
     * Returns where the job starts without a savepoint, or can start from it.
     *
     * @throws ProgramParametrizationException for the first thing that is wrong
     */
    public void check() {
        if (!settings.restoreSavepoint()) {
            return;
        }
        CheckpointMetadata savepoint = load();
        Map<OperatorID, JobVertex> tasks = new HashMap<>();
        for (JobVertex task : job.getVertices()) {
            for (OperatorIDPair operator : task.getOperatorIDs()) {
                tasks.put(operator.getGeneratedOperatorID(), task);
                operator.getUserDefinedOperatorID().ifPresent(id -> tasks.put(id, task));
            }
        }
        for (OperatorState state : savepoint.getOperatorStates()) {
            JobVertex task = tasks.get(state.getOperatorID());
            if (task != null) {
                checkParallelism(state, task);
                checkFiles(state);
            } else if (!settings.allowNonRestoredState() && isNeeded(state)) {
                throw refuse(
                        "is of another job, or of another version of this one: it holds state of "
                                + name(state)
                                + ", which this job does not have",
                        OPTION + ", or leave that state out with --allowNonRestoredState");
            }
        }
    }

    private CheckpointMetadata load() {
        String pointer = settings.getRestorePath();
        try {
            Path path = new Path(pointer);
            FileSystem files = path.getFileSystem();
            if (!files.isDistributedFS() && !path.toUri().getPath().startsWith("/")) {
                // The JobManager would take it from a folder of its own.
                throw refuse("is not named by its whole path", OPTION);
            }
            DataInputStream metadata =
                    new DataInputStream(
                            AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(pointer)
                                    .getMetadataHandle()
                                    .openInputStream());
            try (metadata) {
                return Checkpoints.loadCheckpointMetadata(
                        metadata, Thread.currentThread().getContextClassLoader(), pointer);
            }
        } catch (FileNotFoundException e) {
            throw refuse("cannot be found: " + e.getMessage(), OPTION, e);
        } catch (ProgramParametrizationException e) {
            throw e;
        } catch (EOFException e) {
            throw refuse("cannot be read: its metadata end too early", OPTION, e);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // A length that is not one asks for any amount of memory.
            throw refuse("cannot be read, it may be damaged or cut short: " + reason(e), OPTION, e);
        }
    }

    private void checkParallelism(OperatorState state, JobVertex task) {
        int most = state.getMaxParallelism();
        if (task.getParallelism() > most) {
            throw refuse(
                    "was taken by a job that can run with a parallelism of "
                            + most
                            + " at most, and "
                            + name(state)
                            + " is to have "
                            + task.getParallelism(),
                    "-p (parallelism.default)");
        }
        boolean chosen = task.getMaxParallelism() != JobVertex.MAX_PARALLELISM_DEFAULT;
        if (chosen && task.getMaxParallelism() != most) {
            throw refuse(
                    "was taken with a maximum parallelism of "
                            + most
                            + ", and "
                            + name(state)
                            + " now has "
                            + task.getMaxParallelism(),
                    "pipeline.max-parallelism");
        }
    }

    private void checkFiles(OperatorState state) {
        for (OperatorSubtaskState subtask : state.getStates()) {
            Stream.of(subtask.getManagedOperatorState(), subtask.getRawOperatorState())
                    .flatMap(Collection::stream)
                    .map(OperatorStateHandle::getDelegateStateHandle)
                    .forEach(this::checkFile);
            Stream.of(subtask.getManagedKeyedState(), subtask.getRawKeyedState())
                    .flatMap(Collection::stream)
                    .flatMap(SavepointCheck::files)
                    .forEach(this::checkFile);
        }
    }

    private static Stream<StateObject> files(KeyedStateHandle handle) {
        if (handle instanceof KeyGroupsStateHandle whole) {
            return Stream.of(whole.getDelegateStateHandle());
        }
        if (handle instanceof IncrementalRemoteKeyedStateHandle incremental) {
            return Stream.concat(
                    Stream.of(incremental.getMetaDataStateHandle()),
                    Stream.of(incremental.getSharedState(), incremental.getPrivateState())
                            .flatMap(Collection::stream)
                            .map(HandleAndLocalPath::getHandle));
        }
        return Stream.empty();
    }

    private void checkFile(StateObject handle) {
        if (!(handle instanceof FileStateHandle file)) {
            return;
        }
        Path path = file.getFilePath();
        try {
            long length = path.getFileSystem().getFileStatus(path).getLen();
            if (length < file.getStateSize()) {
                throw refuse(
                        "is not whole: "
                                + path
                                + " has "
                                + length
                                + " bytes of "
                                + file.getStateSize(),
                        OPTION);
            }
        } catch (FileNotFoundException e) {
            throw refuse("is not whole: " + path + " is missing", OPTION, e);
        } catch (IOException e) {
            throw refuse("cannot be read: " + reason(e), OPTION, e);
        }
    }

    private static boolean isNeeded(OperatorState state) {
        return state.getCoordinatorState() != null
                || state.getStates().stream().anyMatch(OperatorSubtaskState::hasState);
    }

    private static String name(OperatorState state) {
        return state.getOperatorUid()
                .or(state::getOperatorName)
                .map(name -> "the operator '" + name + "'")
                .orElse("an operator with the id " + state.getOperatorID());
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private ProgramParametrizationException refuse(String problem, String setting) {
        return refuse(problem, setting, null);
    }

    private ProgramParametrizationException refuse(
            String problem, String setting, Throwable cause) {
        return Refusal.of(
                "The savepoint " + settings.getRestorePath() + " " + problem, setting, cause);
    }
}
