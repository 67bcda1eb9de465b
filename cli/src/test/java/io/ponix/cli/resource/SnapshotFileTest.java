package io.ponix.cli.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.program.CommandException;
import io.ponix.proto.history.v1.Snapshot;
import io.ponix.proto.history.v1.SnapshotEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFileTest {

    @TempDir private Path folder;

    @Test
    void entriesAreGivenInPartsThatTheServiceTakes() throws Exception {
        assertThat(parts(file(2_001, 2_001, 1))).containsExactly("1000+", "1000+", "1");
        assertThat(parts(file(1_000, 1_000, 1))).containsExactly("1000");
        // Of 1.5 MiB each.
        assertThat(parts(file(3, 3, 3 << 19))).containsExactly("1+", "1+", "1");
        assertThat(parts(file(5, 5, 1 << 19))).containsExactly("3+", "2");
        assertThat(parts(file(0, 0, 1))).containsExactly("0");
    }

    @Test
    void whatIsNotWholeIsRefused() throws Exception {
        Path file = file(3, 4, 1);

        assertThatThrownBy(() -> SnapshotFile.read(file))
                .isInstanceOf(CommandException.class)
                .hasMessage(file + " is not whole: it has 3 of the 4 entries of the snapshot");
    }

    @Test
    void whatIsNoSnapshotIsRefusedByItsLine() throws Exception {
        Path file = file(1, 1, 1);

        Files.writeString(file, Files.readString(file) + "{\"resource_type\": \"end_dev");
        assertThatThrownBy(() -> SnapshotFile.read(file))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith(file + ", line 3 is not what 'snapshots export' writes: ")
                .hasMessageNotContaining("Exception");
        Files.writeString(file, "{\"snapshot\": 1}\n");
        assertThatThrownBy(() -> SnapshotFile.read(file))
                .hasMessageStartingWith(file + ", line 1 is not what 'snapshots export' writes: ")
                .hasMessageContaining("snapshot");
        Files.writeString(file, "");
        assertThatThrownBy(() -> SnapshotFile.read(file))
                .hasMessage(file + ", line 1 is not what 'snapshots export' writes: it is empty");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> SnapshotFile.read(file))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith(file + " cannot be read: ");
        Path absent = folder.resolve("absent");
        assertThatThrownBy(() -> SnapshotFile.read(absent))
                .hasMessage(absent + ": No such file or directory");
    }

    private Path file(int entries, int announced, int length) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(MessageJson.line(Snapshot.newBuilder().setEntryCount(announced).build()));
        for (int i = 0; i < entries; i++) {
            lines.add(
                    MessageJson.line(
                            SnapshotEntry.newBuilder()
                                    .setResourceId("d" + i)
                                    .setStateJson("x".repeat(length))
                                    .build()));
        }
        return Files.write(folder.resolve("snapshot.jsonl"), lines);
    }

    /** How many entries each part has, and whether others follow. */
    private static List<String> parts(Path file) {
        List<String> parts = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        SnapshotFile.read(file)
                .parts(
                        (entries, moreFollow) -> {
                            entries.forEach(entry -> ids.add(entry.getResourceId()));
                            parts.add(entries.size() + (moreFollow ? "+" : ""));
                        });
        for (int i = 0; i < ids.size(); i++) {
            assertThat(ids.get(i)).isEqualTo("d" + i);
        }
        return parts;
    }
}
