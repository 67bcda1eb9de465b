package io.ponix.migrations;

/** Which part of a migration file runs. */
enum Direction {
    UP,
    DOWN
}
