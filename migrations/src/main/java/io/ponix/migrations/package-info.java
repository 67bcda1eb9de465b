/**
 * The schema of Postgres and ClickHouse, and what brings a database to it. The files are in goose's
 * format and goose's record is kept, so goose can take over; see {@code migrations/README.md}.
 *
 * <p>Why there is a runner here, and not Flyway or MyBatis Migrations for Postgres:
 *
 * <ul>
 *   <li>Flyway 13.12.1, its edition without a licence, does not know the format: of a file of ours
 *       it executes Up and then Down, and records it as applied. Tried on {@code postgres/}: the
 *       first file left nothing, the second failed for the lack of it.
 *   <li>It has no undo ("undo is not supported by OSS Edition").
 *   <li>Its record is a table of its own, {@code flyway_schema_history}; goose would find nothing
 *       applied. MyBatis Migrations has a format and a record ({@code CHANGELOG}) of its own, too.
 *   <li>For ClickHouse neither has what matters: going on after the last statement that was
 *       completed, and a lock. Files, plan, messages and commands are needed for that anyway; what
 *       is only for Postgres is {@link io.ponix.migrations.PostgresMigrations} and its history.
 * </ul>
 *
 * <p>What Flyway has that this has not: other databases, migrations in Java, placeholders,
 * repeatable migrations, baselines. Nothing here needs them.
 */
package io.ponix.migrations;
