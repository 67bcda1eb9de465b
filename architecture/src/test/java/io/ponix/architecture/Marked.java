package io.ponix.architecture;

/** Marks a public type of the tests; it is in class files only, as Flink's annotations are. */
public @interface Marked {}
