/**
 * What is looked at before a job is submitted, so that a mistake is an answer on the command line
 * and not a job that restarts for ever.
 */
package io.ponix.jobs.preflight;
