/**
 * The rules that the design states in prose, for the tests of each module: which way dependencies
 * go, that packages make no circle, what a connector must not know. {@code docs/architecture.md}
 * says why.
 */
package io.ponix.architecture;
