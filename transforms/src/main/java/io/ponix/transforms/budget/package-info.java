/**
 * What an evaluation may use, and how that is counted.
 *
 * <p>Public for the packages of this module only.
 */
package io.ponix.transforms.budget;
