package io.ponix.cli.chaos;

import io.ponix.cli.terminal.TextTable;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a run prints at its end. */
final class ChaosReport {

    private static final int DESCRIBED_AT_MOST = 20;

    private final ChaosSettings settings;
    private final Map<Fault, Integer> injected;
    private final Map<Fault, EnvelopesInPart.Tries> withinEnvelopes;
    private final RowWatch rows;
    private final List<String> irregularities;
    private final LoadPath.Arrivals arrivals;
    private final Findings findings;

    /**
     * @param injected how often, by fault, in the order of their first time
     * @param withinEnvelopes how often an envelope was stored in part at a kill, by fault
     * @param irregularities what happened that should not, whatever the faults
     * @param arrivals what happened before the stream
     * @param findings what happened behind it
     */
    ChaosReport(
            ChaosSettings settings,
            Map<Fault, Integer> injected,
            Map<Fault, EnvelopesInPart.Tries> withinEnvelopes,
            RowWatch rows,
            List<String> irregularities,
            LoadPath.Arrivals arrivals,
            Findings findings) {
        this.settings = settings;
        this.injected = injected;
        this.withinEnvelopes = withinEnvelopes;
        this.rows = rows;
        this.irregularities = irregularities;
        this.arrivals = arrivals;
        this.findings = findings.with(arrivals);
    }

    /** Whether the account balances and the pipeline always came back by itself. */
    boolean isGood() {
        return findings.balanced() && irregularities.isEmpty();
    }

    void print(PrintStream out) {
        TextTable faults = new TextTable("FAULT", ">INJECTED", ">LONGEST WITHOUT NEW ROWS");
        Fault.all().stream()
                .filter(injected::containsKey)
                .forEach(
                        fault ->
                                faults.row(
                                        fault.title(),
                                        injected.get(fault),
                                        "%.1f s"
                                                .formatted(
                                                        rows.longestGap(fault).toMillis() / 1e3)));
        out.println();
        faults.print(out, "  ");
        if (!withinEnvelopes.isEmpty()) {
            TextTable tries =
                    new TextTable(
                            "AN ENVELOPE STORED IN PART", ">TRIES", ">AT THE KILL", ">AFTER IT");
            Fault.all().stream()
                    .filter(withinEnvelopes::containsKey)
                    .forEach(
                            fault -> {
                                EnvelopesInPart.Tries ofFault = withinEnvelopes.get(fault);
                                tries.row(
                                        fault.title(),
                                        ofFault.all(),
                                        ofFault.seen(),
                                        ofFault.left());
                            });
            out.println();
            tries.print(out, "  ");
        }
        out.printf(
                "%n  published           %,10d   acknowledged by %s%n",
                findings.published(), arrivals.acknowledgedBy());
        if (arrivals.repeated() > 0) {
            out.printf(
                    "  published again     %,10d   acknowledged before a connection to it was lost%n",
                    arrivals.repeated());
        }
        if (findings.unacknowledged() > 0) {
            out.printf(
                    "  unacknowledged      %,10d   stored all the same%n",
                    findings.unacknowledged());
        }
        Findings.Forgotten forgotten = findings.forgotten();
        if (forgotten.published() > 0) {
            out.printf(
                    "  forgotten           %,10d   by NATS that went back; %,d are rows all the same%n",
                    forgotten.published(), forgotten.rows());
        }
        if (forgotten.deadLetters() > 0) {
            out.printf(
                    "  forgotten letters   %,10d   of envelopes that NATS still knew%n",
                    forgotten.deadLetters());
        }
        out.printf("  rows                %,10d%n", findings.rows());
        out.printf("  of envelopes        %,10d%n", findings.uniqueSequences());
        int deadLetters =
                findings.deadLetters().values().stream().mapToInt(Integer::intValue).sum();
        out.printf("  dead letters        %,10d%n", deadLetters);
        Set<DeadLetterReason> reasons = new TreeSet<>(findings.deadLetters().keySet());
        reasons.addAll(findings.expectedDeadLetters().keySet());
        for (DeadLetterReason reason : reasons) {
            int sent = findings.expectedDeadLetters().getOrDefault(reason, 0);
            int found = findings.deadLetters().getOrDefault(reason, 0);
            out.printf(
                    "    %-24s %,5d   sent wrong on purpose: %,d%s%n",
                    DeadLetterReasons.name(reason),
                    found,
                    sent,
                    found > sent && reason == DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND
                            ? ", the others of devices that were deleted"
                            : "");
        }
        out.printf(
                "  parked              %10s%n",
                findings.parked() < 0 ? "unknown" : "%,d".formatted(findings.parked()));
        list(out, "lost", findings.lost());
        list(out, "doubled", findings.doubled());
        list(out, "ended wrongly", findings.misjudged());
        list(out, "devices out of date", findings.stale());
        list(out, "devices miscounted", findings.miscounted());
        out.printf(
                "  changed devices     %,10d   of a registry of %,d rows and %,d events%n",
                findings.registry().changes(),
                findings.registry().rows(),
                findings.registry().events());
        out.printf(
                "  looked back         %,10d   times at a version between changes%n",
                findings.registry().looksBack());
        list(out, "registry differs", findings.registry().differences());
        list(out, "irregularities", irregularities);
        out.printf(
                "%n  %s   seed %d%n",
                isGood() ? "it balances: nothing lost, nothing doubled" : "it does NOT balance",
                settings.seed());
    }

    private static void list(PrintStream out, String heading, List<String> entries) {
        out.printf("  %-19s %,10d%n", heading, entries.size());
        entries.stream().limit(DESCRIBED_AT_MOST).forEach(entry -> out.println("      " + entry));
        if (entries.size() > DESCRIBED_AT_MOST) {
            out.printf("      and %,d more%n", entries.size() - DESCRIBED_AT_MOST);
        }
    }
}
