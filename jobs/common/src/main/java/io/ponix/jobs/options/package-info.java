/**
 * What options of jobs have in common: each has its environment variable, is read in one notation,
 * and is refused with a message that names it.
 */
package io.ponix.jobs.options;
