/**
 * Which environment variables mean something. One program sees those of all: so what is a mistake
 * is known only to who knows every program's.
 *
 * <p>{@code variables.txt} beside the classes has the names, derived from the programs themselves:
 * {@code KnownVariablesTest} in {@code cli/}, which has them all on its classpath, fails where it
 * is not what they read, and says which lines to change.
 */
package io.ponix.environment;
