package io.ponix.migrations;

import java.util.List;

/**
 * What a comparison of the files with the database found.
 *
 * @param statuses one entry for every migration that has a file or is recorded in the database,
 *     oldest first
 * @param problems what keeps the database from being what the files say, other than that migrations
 *     are pending: a line for each, for a person
 */
public record MigrationReport(List<MigrationStatus> statuses, List<String> problems) {}
