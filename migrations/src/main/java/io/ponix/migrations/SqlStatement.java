package io.ponix.migrations;

/**
 * One statement of a migration file.
 *
 * @param sql the statement without its closing semicolon
 * @param line the line of the file on which it begins, from 1
 */
record SqlStatement(String sql, int line) {}
